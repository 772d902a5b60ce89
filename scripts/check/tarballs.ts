import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packPackages, type Tarball } from "../pack.ts";
import { localCommand, runProgram } from "../run-program.ts";
import { type Check, count, type Finding } from "./finding.ts";
import { packages } from "./manifests.ts";
import { compilerFindings } from "./types.ts";

/** The build for publishing, and each package as it would be published. */
export const tarballs: Check = {
  name: "build and tarballs",
  async run() {
    const build = await runProgram(localCommand("tsc"), ["-b", "--pretty", "false"]);
    if (build.code !== 0) return { findings: compilerFindings(build.stdout, build.code), summary: "" };
    const folder = await mkdtemp(join(tmpdir(), "coresdk-pack-"));
    try {
      const packed = await packPackages(Object.keys(packages), folder);
      const findings = await Promise.all(packed.map(judge));
      const summary = `${count(packed.length, "package")} through publint and attw`;
      return { findings: findings.flat(), summary };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function judge(tarball: Tarball): Promise<Finding[]> {
  const place = `packages/${tarball.folder}`;
  const [exportsMap, typings] = await Promise.all([
    runProgram(localCommand("publint"), ["run", tarball.path, "--strict"]),
    // ESM only: what CommonJS or a resolver from before `exports` would find is of no interest.
    runProgram(localCommand("attw"), [
      tarball.path,
      "--profile",
      "esm-only",
      "--no-emoji",
      "--format",
      "ascii",
    ]),
  ]);
  const findings: Finding[] = [];
  for (const { code, stdout, stderr } of [exportsMap, typings]) {
    if (code !== 0) findings.push({ place, message: (stdout + stderr).trim() });
  }
  for (const file of ["LICENSE", "CHANGELOG.md", "README.md", "dist/index.js", "dist/index.d.ts"]) {
    if (!tarball.files.includes(file)) findings.push({ place, message: `the tarball lacks ${file}` });
  }
  const stray = tarball.files.filter((file) => /(^|\/)(test|node_modules)\/|\.test\.|tsbuildinfo/.test(file));
  for (const file of stray) findings.push({ place, message: `the tarball holds ${file}` });
  return findings;
}
