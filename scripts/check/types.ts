import { localCommand, runProgram } from "../run-program.ts";
import { type Check, count, type Finding } from "./finding.ts";

/** The whole repository under the strictest settings, tests and scripts included. */
export const types: Check = {
  name: "types",
  async run() {
    const args = ["-p", "tsconfig.check.json", "--pretty", "false", "--listFilesOnly"];
    const [checked, listed] = await Promise.all([
      runProgram(localCommand("tsc"), args.slice(0, -1)),
      runProgram(localCommand("tsc"), args),
    ]);
    const own = listed.stdout.split("\n").filter((file) => file !== "" && !file.includes("node_modules"));
    return { findings: compilerFindings(checked.stdout, checked.code), summary: count(own.length, "file") };
  },
};

/** The findings in what `tsc --pretty false` printed. */
export function compilerFindings(output: string, code: number): Finding[] {
  const findings: Finding[] = [];
  for (const line of output.split("\n")) {
    const match = /^(.+)\((\d+),\d+\): error (.*)$/.exec(line);
    if (match !== null) findings.push({ place: `${match[1]}:${match[2]}`, message: match[3] ?? "" });
    else if (line.startsWith("error ")) findings.push({ place: "tsc", message: line.slice(6) });
  }
  if (code !== 0 && findings.length === 0) {
    findings.push({ place: "tsc", message: output.trim() || `ended with ${code}` });
  }
  return findings;
}
