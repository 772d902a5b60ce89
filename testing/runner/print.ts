import { styleText } from "node:util";
import type { FileResult, Skipped } from "./run-file.ts";

/** Numbers over some files. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function totalsOf(results: readonly FileResult[]): Totals {
  let [passed, failed, skipped] = [0, 0, 0];
  for (const result of results) {
    passed += result.passed;
    failed += result.failures.length;
    skipped += result.skipped.length;
  }
  return { passed, failed, skipped };
}

/** `12 passed, 0 failed`, and `, 3 skipped` where there are some: the last line of a run. */
export function totalsLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

/** One line for a suite that has ended. */
export function suiteLine(suite: string, results: readonly FileResult[], width: number): string {
  const { passed, failed, skipped } = totalsOf(results);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const mark = failed > 0 ? styleText("red", "FAIL") : styleText("green", "ok  ");
  const said = [`${passed} passed`.padStart(12)];
  if (failed > 0) said.push(styleText("red", `${failed} failed`));
  if (skipped > 0) said.push(styleText("yellow", `${skipped} skipped`));
  return `${mark}  ${suite.padEnd(width)} ${said.join(", ")}  ${styleText("dim", `${seconds.toFixed(1)} s`)}`;
}

/** How far a run is, while nothing ends that would have a line of its own. */
export function progressLine(
  results: readonly FileResult[],
  files: number,
  running: readonly string[],
): string {
  const { passed, failed } = totalsOf(results);
  const wrong = failed === 0 ? "" : `, ${failed} failed`;
  return styleText(
    "dim",
    `...   ${results.length} of ${files} files, ${passed} passed${wrong}; running ${running.join(", ")}`,
  );
}

const shownSlowest = 10;

/** The files that took longest; all run beside others. */
export function slowestText(results: readonly FileResult[]): string {
  const slowest = results.toSorted((a, b) => b.seconds - a.seconds).slice(0, shownSlowest);
  const lines = slowest.map(({ seconds, file }) => `${seconds.toFixed(1).padStart(7)} s  ${file.path}`);
  return [styleText("bold", "Slowest"), ...lines].join("\n");
}

/** What was not run, by what it lacks. */
export function skippedText(results: readonly FileResult[]): string {
  const byReason = Map.groupBy(
    results.flatMap((result) => result.skipped),
    (skipped: Skipped) => skipped.reason,
  );
  const lines = [styleText("yellow", "Not run")];
  for (const [reason, tests] of byReason) {
    lines.push(`  ${reason}`);
    for (const { place, name } of tests) lines.push(`    ${name}  ${styleText("dim", place)}`);
  }
  return lines.join("\n");
}

/** Every failure in full, each file's own output behind its failures. */
export function failuresText(results: readonly FileResult[]): string {
  const lines: string[] = [];
  for (const { failures, output, file } of results) {
    for (const { place, name, message } of failures) {
      lines.push(`${styleText("red", "FAIL")}  ${name}`, `  ${styleText("dim", place)}`, indent(message), "");
    }
    if (failures.length > 0 && output.trim() !== "") {
      lines.push(styleText("dim", `  what ${file.path} printed (its end):`), indent(output.trimEnd()), "");
    }
  }
  return lines.join("\n");
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}
