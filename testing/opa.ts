/** OPA's own test cases, which come with its Go module. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MODULE = "github.com/open-policy-agent/opa";
/** The version whose cases regorus 0.14 was made for; `conformance/opa-differences.ts` goes with it. */
const VERSION = "v1.2.0";

/** The folder of the Rego v1 cases in Go's module cache, fetched when it is not there. */
export function findOpaCases(): string | Error {
  const asked = spawnSync("go", ["env", "GOMODCACHE"], { encoding: "utf8", timeout: 30_000 });
  if (asked.status !== 0) return new Error("go is not on the PATH");
  const cases = join(asked.stdout.trim(), `${MODULE}@${VERSION}`, "v1/test/cases/testdata/v1");
  if (!existsSync(cases)) fetchModule();
  return existsSync(cases) ? cases : new Error(`go mod download ${MODULE}@${VERSION} fails`);
}

/** Outside any module, so that nothing of this repository is touched. */
function fetchModule(): void {
  const folder = mkdtempSync(join(tmpdir(), "coresdk-opa-"));
  try {
    spawnSync("go", ["mod", "download", `${MODULE}@${VERSION}`], {
      cwd: folder,
      env: { ...process.env, GOFLAGS: "-mod=mod" },
      timeout: 180_000,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Builds the program that answers policies as OPA does. Takes a minute the first time.
 *
 * @returns the program, and how to remove it
 */
export function buildOracle(): { readonly command: string; readonly remove: () => void } | Error {
  const folder = mkdtempSync(join(tmpdir(), "coresdk-opa-"));
  const remove = (): void => rmSync(folder, { recursive: true });
  copyFileSync(new URL("conformance/opa-oracle.go", import.meta.url), join(folder, "main.go"));
  writeFileSync(join(folder, "go.mod"), `module oracle\n\ngo 1.23\n\nrequire ${MODULE} ${VERSION}\n`);
  for (const args of [
    ["mod", "tidy"],
    ["build", "-o", "oracle", "."],
  ]) {
    const done = spawnSync("go", args, { cwd: folder, encoding: "utf8", timeout: 600_000 });
    if (done.status === 0) continue;
    remove();
    return new Error(`go ${args.join(" ")} fails: ${done.stderr}`);
  }
  return { command: join(folder, "oracle"), remove };
}
