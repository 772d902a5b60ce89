import { relative } from "node:path";
import { localCommand, root, runProgram } from "../run-program.ts";
import type { Check, Finding } from "./finding.ts";

/** Lint and format, as biome.json sets them. */
export const lint: Check = {
  name: "lint and format",
  async run() {
    const args = ["check", "--reporter=github", "--max-diagnostics=none", "--colors=off"];
    const { code, stdout, stderr } = await runProgram(localCommand("biome"), args);
    const findings: Finding[] = [];
    for (const line of stdout.split("\n")) {
      const match = /^::(?:error|warning) title=([^,]+),file=([^,]+),line=(\d+),.*?::(.*)$/.exec(line);
      if (match === null) continue;
      const place = `${relative(root, match[2] ?? "")}:${match[3]}`;
      findings.push({ place, message: `${match[1]}: ${match[4]}` });
    }
    if (code !== 0 && findings.length === 0) {
      findings.push({ place: "biome", message: stderr.trim() || `ended with ${code}` });
    }
    return { findings, summary: "as biome.json says" };
  },
};
