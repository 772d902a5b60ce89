import { basename } from "node:path";
import { type Check, count, type Finding } from "./finding.ts";
import { isPure } from "./import-rules.ts";
import type { Source } from "./sources.ts";

const longest = 400;
const longestMedian = 250;

/** Ways around the compiler, the linter or a test, and work that says of itself that it is not done. */
const escapes: readonly (readonly [pattern: RegExp, message: string])[] = [
  [/@ts-(ignore|nocheck)/, "tells the compiler to look away"],
  [/@ts-expect-error\s*$/, "expects an error without saying why"],
  [/(biome|eslint)-(ignore|disable)/, "tells the linter to look away"],
  [/\b(it|test|describe|suite)\.(only|skip|todo)\(/, "is a focused or skipped test"],
  [/\b(TODO|FIXME|XXX)\b/, "is unfinished by its own words"],
];

/** Clocks, randomness and I/O that need no import; for the folders that are pure. */
const impure =
  /\b(Date\.now|new Date\(\)|Math\.random|performance\.|setTimeout|setInterval|setImmediate|process\.|crypto\.|fetch\(|console\.)/;

/** What the compiler and the linter cannot say: file sizes and names, `any`, barrels, escapes. */
export function houseRules(sources: readonly Source[]): Check {
  return {
    name: "house rules",
    async run() {
      const findings = sources.flatMap(judge);
      const lengths = sources
        .filter((source) => /^packages\/[^/]+\/src\//.test(source.path))
        .map((source) => source.length)
        .sort((a, b) => a - b);
      const median = lengths[lengths.length >> 1] ?? 0;
      if (median >= longestMedian) {
        findings.push({ place: "packages", message: `the median file has ${median} lines` });
      }
      const top = sources.reduce((most, source) => Math.max(most, source.length), 0);
      const sizes = `median ${median} lines, longest ${top}`;
      return { findings, summary: `${count(sources.length, "file")}, ${sizes}` };
    },
  };
}

function judge(source: Source): Finding[] {
  const findings: Finding[] = [];
  const object = (line: number, message: string): void => {
    findings.push({ place: `${source.path}:${line}`, message });
  };
  if (source.length > longest) {
    object(source.length, `${source.length} lines: does it hold one thing? (${longest} at most)`);
  }
  const name = basename(source.path);
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.test-d)?\.ts$/.test(name))
    object(1, "the file name is not kebab-case");
  if (/^(utils?|helpers?|common|misc)\.ts$/.test(name)) object(1, "the file name does not say what it holds");
  for (const line of source.anys) object(line, "the type any");
  for (const line of source.blanketExports) object(line, "export * or a default export");
  // This file names what it looks for.
  if (source.path === "scripts/check/house-rules.ts") return findings;
  for (const [index, text] of source.text.split("\n").entries()) {
    for (const [pattern, message] of escapes) if (pattern.test(text)) object(index + 1, message);
    if (isPure(source.path) && impure.test(text)) {
      object(index + 1, "has a clock, randomness or I/O of its own, which is handed in");
    }
  }
  return findings;
}
