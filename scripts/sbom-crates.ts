/** The Rust crates within `rego.wasm`, for the bill of materials. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run-program.ts";

/** `name vVERSION: LICENCE, REPOSITORY`, as `build-wasm.sh` lists what it built from. */
const BUILT = /^ {2}(\S+) v(\S+): ([^,]+), (\S+)$/gm;
const LOCKED =
  /^\[\[package\]\]\nname = "([^"]+)"\nversion = "([^"]+)"\n(?:source = .*\n)?checksum = "([0-9a-f]{64})"/gm;

/** Components of CycloneDX 1.5, with the checksums of the lock file. */
export function listCrates(): readonly { readonly "bom-ref": string }[] {
  const locked = new Map<string, string>();
  for (const [, name, version, checksum = ""] of read("crate/Cargo.lock").matchAll(LOCKED)) {
    locked.set(`${name}@${version}`, checksum);
  }
  return Array.from(read("wasm/LICENSES.txt").matchAll(BUILT), ([, name = "", version, license, url]) => {
    const checksum = locked.get(`${name}@${version}`);
    if (checksum === undefined)
      throw new Error(`Cargo.lock has no ${name} ${version}, which rego.wasm holds`);
    const purl = `pkg:cargo/${name}@${version}`;
    return {
      "bom-ref": purl,
      type: "library",
      name,
      version,
      scope: "required",
      purl,
      hashes: [{ alg: "SHA-256", content: checksum }],
      licenses: [{ expression: license }],
      externalReferences: [{ type: "vcs", url }],
    };
  });
}

function read(file: string): string {
  return readFileSync(join(root, "packages/rego", file), "utf8");
}
