/** `npm run check`: everything that can be said of the code without running it. Ends with 1 on findings. */
import { styleText } from "node:util";
import { type Check, count, type Report } from "./check/finding.ts";
import { houseRules } from "./check/house-rules.ts";
import { imports } from "./check/imports.ts";
import { lint } from "./check/lint.ts";
import { lockfile } from "./check/lockfile.ts";
import { manifestRules } from "./check/manifest-rules.ts";
import { readSources } from "./check/sources.ts";
import { tarballs } from "./check/tarballs.ts";
import { types } from "./check/types.ts";

/** Of each check: the first ones mended, the rest shows itself. */
const shownFindings = 20;

const started = performance.now();
const sources = readSources();
const checks: readonly Check[] = [
  types,
  lint,
  imports(sources),
  houseRules(sources),
  manifestRules,
  lockfile,
  tarballs,
];

const widest = Math.max(...checks.map((check) => check.name.length));
const reports = await Promise.all(
  checks.map(async (check) => {
    const report = await run(check);
    print(check, report);
    return report;
  }),
);
const findings = reports.reduce((sum, report) => sum + report.findings.length, 0);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
const failed = reports.filter((report) => report.findings.length > 0).length;
console.log(
  failed === 0
    ? `\n${count(checks.length, "check")} passed in ${seconds} s`
    : `\n${count(findings, "finding")} in ${failed} of ${checks.length} checks, ${seconds} s`,
);
process.exitCode = failed === 0 ? 0 : 1;

/** A check that breaks is a finding too, and the others go on. */
async function run(check: Check): Promise<Report> {
  try {
    return await check.run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { findings: [{ place: check.name, message }], summary: "" };
  }
}

function print(check: Check, report: Report): void {
  const passed = report.findings.length === 0;
  const mark = passed ? styleText("green", "ok  ") : styleText("red", "FAIL");
  const said = passed ? report.summary : count(report.findings.length, "finding");
  console.log(`${mark}  ${check.name.padEnd(widest)}  ${styleText("dim", said)}`);
  for (const { place, message } of report.findings.slice(0, shownFindings)) {
    console.log(`      ${place}  ${message.replaceAll("\n", "\n        ")}`);
  }
  const more = report.findings.length - shownFindings;
  if (more > 0) console.log(`      and ${more} more`);
}
