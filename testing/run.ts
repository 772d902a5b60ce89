/**
 * `npm test`: finds the tests of the whole repository, runs each file in a process of its own, and says what
 * passed, what failed and why, and what was not run for want of what. The last line is
 * `N passed, N failed`, with `, N skipped` where tests were skipped. Ends with 1 on failures, and when there was
 * nothing to run.
 *
 *   npm test                      everything
 *   npm test -- pipeline          one suite
 *   npm test -- queue/disk e2e    files with one of these in their path
 *   npm test -- --list            only says what would run
 *   npm test -- --slowest         says at the end which files took longest
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { allRequired, repositoryRoot } from "./components.ts";
import { discover, type TestFile } from "./runner/discover.ts";
import {
  failuresText,
  progressLine,
  skippedText,
  slowestText,
  suiteLine,
  totalsLine,
  totalsOf,
} from "./runner/print.ts";
import { type FileResult, runFile } from "./runner/run-file.ts";
import { keepSeconds, longestFirst, readSeconds } from "./runner/schedule.ts";

/** Some suites take minutes: a run that says nothing for so long looks as if it hung. */
const progressMs = 30_000;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: "boolean", default: false }, slowest: { type: "boolean", default: false } },
});
// Hundreds of processes and threads load the same TypeScript: each would take its types out and compile it anew.
process.env["NODE_COMPILE_CACHE"] ??= join(repositoryRoot, ".cache", "compiled");

const files = discover(positionals);
if (flags.list) {
  for (const { path, suite } of files) console.log(`${suite}  ${path}`);
} else {
  const results = await runAll(longestFirst(files, readSeconds()));
  keepSeconds(results);
  process.exitCode = report(results);
}

/**
 * One file more than there are cores, since some always wait for a server or a registry; many more would only make
 * each of them slow and their time limits tight.
 */
async function runAll(all: readonly TestFile[]): Promise<FileResult[]> {
  const suites = Map.groupBy(all, (file) => file.suite);
  const width = Math.max(0, ...[...suites.keys()].map((suite) => suite.length));
  const results: FileResult[] = [];
  const waiting = [...all];
  const running = new Set<string>();
  const progress = setInterval(() => {
    console.log(progressLine(results, all.length, [...running]));
  }, progressMs);
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      running.add(file.path);
      const result = strict(await runFile(file));
      running.delete(file.path);
      results.push(result);
      const ended = results.filter((other) => other.file.suite === result.file.suite);
      if (ended.length === suites.get(result.file.suite)?.length) {
        console.log(suiteLine(result.file.suite, ended, width));
        progress.refresh();
      }
    }
  };
  const lanes = Math.min(4, availableParallelism() + 1);
  try {
    await Promise.all(Array.from({ length: lanes }, work));
  } finally {
    clearInterval(progress);
  }
  return results;
}

/** Where everything is required, a skipped test is a failure. */
function strict(result: FileResult): FileResult {
  if (!allRequired()) return result;
  const failures = result.skipped.map(({ place, name, reason }) => ({
    place,
    name,
    message: `skipped, and CI skips nothing: ${reason}`,
  }));
  return { ...result, skipped: [], failures: [...result.failures, ...failures] };
}

function report(results: readonly FileResult[]): number {
  const totals = totalsOf(results);
  console.log();
  if (flags.slowest) console.log(`${slowestText(results)}\n`);
  if (totals.failed > 0) console.log(failuresText(results));
  if (totals.skipped > 0) console.log(`${skippedText(results)}\n`);
  if (results.length === 0) {
    console.log(`No test file fits ${positionals.join(" ")}: see npm test -- --list`);
  } else if (totals.failed > 0) {
    const failed = results.filter((result) => result.failures.length > 0).map((result) => result.file.path);
    console.log(`Only these again: npm test -- ${failed.join(" ")}`);
  } else if (positionals.length === 0) {
    console.log("Next: npm run check (types, style, layers), npm run bench, npm run demo");
  }
  console.log(totalsLine(totals));
  return totals.failed > 0 || results.length === 0 ? 1 : 0;
}
