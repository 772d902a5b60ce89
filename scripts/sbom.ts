/**
 * `npm run sbom`: a bill of materials (CycloneDX) of what the published packages consist of at run time, to the
 * standard output. npm writes one of the whole lock file; it leaves out, when told to omit what is for development,
 * whatever is for development anywhere, so that the choice is made here. What `@coresdk/rego` holds of Rust is added.
 */
import { packages, readManifest } from "./check/manifests.ts";
import { runProgram } from "./run-program.ts";
import { listCrates } from "./sbom-crates.ts";

/** What is read of CycloneDX 1.5. */
interface Bom {
  readonly metadata: { readonly component: Readonly<Record<string, unknown>> };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Component {
  readonly "bom-ref": string;
  readonly name: string;
}

const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const args = ["sbom", "--sbom-format=cyclonedx", "--package-lock-only"];
const made = await runProgram(npm, args);
if (made.code !== 0) throw new Error(`npm sbom: ${made.stderr}`);
const whole: Bom = JSON.parse(made.stdout);
const dependsOn = new Map(whole.dependencies.map(({ ref, dependsOn: needs }) => [ref, needs]));

const published = new Set<string>();
const kept = new Set<string>();
for (const folder of Object.keys(packages)) {
  const { name, version, dependencies = {} } = readManifest(folder);
  const ref = `${name}@${version}`;
  published.add(ref);
  kept.add(ref);
  // npm lists what a workspace needs for its tests beside what it needs at run time.
  const needs = (dependsOn.get(ref) ?? []).filter((need) => nameOf(need) in dependencies);
  for (const need of needs) keep(need);
}
const components = whole.components
  .filter(({ "bom-ref": ref }) => kept.has(ref))
  // npm names a workspace by its folder.
  .map((component) => ({ ...component, name: nameOf(component["bom-ref"]) }));
const crates = listCrates();
const edges = whole.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn: needs }) => {
    const within = nameOf(ref) === "@coresdk/rego" ? crates.map((crate) => crate["bom-ref"]) : [];
    return { ref, dependsOn: [...needs.filter((need) => kept.has(need)), ...within] };
  });
const { component } = whole.metadata;
const metadata = {
  ...whole.metadata,
  component: { ...component, name: nameOf(String(component["bom-ref"])) },
};
const bom = { ...whole, metadata, components: [...components, ...crates], dependencies: edges };
console.log(JSON.stringify(bom, undefined, 2));

/** Keeps a component and all that it needs. */
function keep(ref: string): void {
  if (kept.has(ref)) return;
  kept.add(ref);
  for (const need of dependsOn.get(ref) ?? []) keep(need);
}

function nameOf(ref: string): string {
  return ref.slice(0, ref.lastIndexOf("@"));
}
