/** An empty project outside the workspace, into which packages are installed as a user would. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { packPackages as packAll, type Tarball } from "../../scripts/pack.ts";
import { repositoryRoot } from "../components.ts";

const execute = promisify(execFile);

/** The packages that each needs of this workspace, itself included. */
const closures: Readonly<Record<string, readonly string[]>> = {
  cloudevents: ["cloudevents"],
  rego: ["rego"],
  pipeline: ["pipeline", "cloudevents", "rego"],
  opentelemetry: ["opentelemetry", "pipeline", "cloudevents", "rego"],
  sidecar: ["sidecar", "pipeline", "cloudevents", "rego"],
};

let packed: Promise<readonly Tarball[]> | undefined;
let packedInto = "";

/** Packs all packages, once; the tarballs go with {@link removeTarballs}. */
async function packOnce(): Promise<readonly Tarball[]> {
  packedInto = await mkdtemp(join(tmpdir(), "coresdk-tarballs-"));
  return packAll(Object.keys(closures), packedInto);
}

export async function removeTarballs(): Promise<void> {
  if (packedInto !== "") await rm(packedInto, { recursive: true, force: true });
}

export interface Project {
  readonly folder: string;
  /** Runs a program in it and gives what it printed. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** Type-checks a consumer's program and runs it unbuilt; gives the JSON that it printed. */
  use<T>(consumer: string, args?: readonly string[]): Promise<T>;
}

/** Makes a project that has one of the packages, from its tarball, and further ones from the registry. */
export async function createProject(
  t: TestContext,
  name: string,
  others: readonly string[] = [],
): Promise<Project> {
  packed ??= packOnce();
  const tarballs = await packed;
  const folder = await mkdtemp(join(tmpdir(), `coresdk-${name}-`));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "package.json"), `{ "private": true, "type": "module" }\n`);
  const run = async (program: string, args: readonly string[]): Promise<string> => {
    const options = { cwd: folder, env: userEnvironment(), timeout: 180_000 };
    const { stdout } = await execute(program, args, options);
    return stdout;
  };
  const own = tarballs.filter((tarball) => closures[name]?.includes(tarball.folder));
  const paths = own.map((tarball) => tarball.path);
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...paths, ...others]);
  return {
    folder,
    run,
    async use(consumer, args = []) {
      await copyFile(join(import.meta.dirname, "consumers", `${consumer}.ts`), join(folder, "use.ts"));
      for (const resolution of ["nodenext", "bundler"]) await checkTypes(folder, resolution, run);
      return JSON.parse(await run(process.execPath, ["use.ts", ...args]));
    },
  };
}

async function checkTypes(folder: string, resolution: string, run: Project["run"]): Promise<void> {
  const config = {
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: "es2023",
      lib: ["es2024", "dom"],
      module: resolution === "bundler" ? "esnext" : resolution,
      moduleResolution: resolution,
      types: ["node"],
      typeRoots: [join(repositoryRoot, "node_modules", "@types")],
      skipLibCheck: true,
    },
    files: ["../use.ts"],
  };
  const place = join(folder, resolution);
  await mkdir(place);
  await writeFile(join(place, "tsconfig.json"), JSON.stringify(config));
  await run(join(repositoryRoot, "node_modules", ".bin", "tsc"), ["-p", place]).catch((error: unknown) => {
    const said = error instanceof Error && "stdout" in error ? String(error.stdout) : String(error);
    throw new Error(`types with ${resolution}:\n${said}`);
  });
}

/** Without what `npm test` sets for this repository; with the Node that runs the tests in front. */
function userEnvironment(): Record<string, string | undefined> {
  const ours =
    /^(npm_(lifecycle|package|execpath|node|command|config_local_prefix)|INIT_CWD|NODE_|CORESDK_|OTEL_)/;
  const kept = Object.entries(process.env).filter(([key]) => !ours.test(key));
  return { ...Object.fromEntries(kept), PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` };
}
