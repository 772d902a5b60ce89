/**
 * Runs before `npm pack` and `npm publish`, in the folder of the package: builds it, takes out of `dist` what
 * no source stands for any more, and puts the licence and the change log beside the manifest.
 */
import { copyFileSync, existsSync, globSync, rmSync } from "node:fs";
import { join } from "node:path";
import { localCommand, root, runProgram } from "./run-program.ts";

const folder = process.cwd();
const build = await runProgram(localCommand("tsc"), ["-b"], folder);
if (build.code !== 0) throw new Error(`the build fails:\n${build.stdout}${build.stderr}`);
for (const built of globSync("**/*.{js,d.ts,js.map,d.ts.map}", { cwd: join(folder, "dist") })) {
  const source = built.replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
  if (!existsSync(join(folder, "src", source))) rmSync(join(folder, "dist", built));
}
for (const file of ["LICENSE", "CHANGELOG.md"]) copyFileSync(join(root, file), join(folder, file));
