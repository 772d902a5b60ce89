/** OPA's own test cases, which come with its Go module. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
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
