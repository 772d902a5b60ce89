import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { repositoryRoot } from "../components.ts";

interface Bom {
  readonly bomFormat: string;
  readonly components: readonly { readonly name: string; readonly version: string; readonly purl: string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

test("the bill of materials names what the published packages run on, crates too, and nothing that only develops them", () => {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "sbom"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  const bom: Bom = JSON.parse(stdout);
  assert.equal(bom.bomFormat, "CycloneDX");
  const names = new Set(bom.components.map(({ name }) => name));
  // Direct, of a workspace, and of a dependency's dependency.
  for (const name of [
    "undici",
    "pino",
    "zod",
    "@platformatic/kafka",
    "@coresdk/cloudevents",
    "sonic-boom",
    "regorus",
  ]) {
    assert.ok(names.has(name), name);
  }
  for (const name of ["typescript", "@biomejs/biome", "fast-check", "testing", "examples", "hono"]) {
    assert.equal(names.has(name), false, name);
  }
  for (const { name, version, purl } of bom.components) {
    assert.match(version, /^\d+\.\d+\.\d+/, name);
    assert.match(purl, /^pkg:(?:npm|cargo)\//);
  }
  const rego = bom.dependencies.find(({ ref }) => ref.startsWith("@coresdk/rego@"));
  const crates = bom.components.filter(({ purl }) => purl.startsWith("pkg:cargo/"));
  assert.ok(crates.length > 40);
  assert.deepEqual(
    rego?.dependsOn,
    crates.map(({ purl }) => purl),
  );
});
