import { run } from "node:test";
import { inspect } from "node:util";
import { absolute, type TestFile } from "./discover.ts";

/** A test that failed, or a file that did. */
export interface Failure {
  /** `file:line` */
  readonly place: string;
  readonly name: string;
  readonly message: string;
}

/** A test that was not run. */
export interface Skipped {
  readonly place: string;
  readonly name: string;
  /** What it lacks and how to get it. */
  readonly reason: string;
}

/** What became of one test file. */
export interface FileResult {
  readonly file: TestFile;
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly skipped: readonly Skipped[];
  readonly seconds: number;
  /** The end of what the file wrote to its standard output and error. */
  readonly output: string;
}

const sealedPrototypes = new URL("./sealed-prototypes.ts", import.meta.url).href;

/** A file that has not ended by then is stopped and fails. */
const fileTimeoutMs = 8 * 60_000;
const keptOutput = 8000;

/** Runs one test file in a process of its own. */
export async function runFile(file: TestFile): Promise<FileResult> {
  const started = performance.now();
  const failures: Failure[] = [];
  const skipped: Skipped[] = [];
  let passed = 0;
  let output = "";
  /** The test that was begun last. */
  let underWay = "";
  const path = absolute(file);
  const events = run({
    files: [path],
    concurrency: 1,
    execArgv: ["--conditions=coresdk-source", `--import=${sealedPrototypes}`],
    signal: AbortSignal.timeout(fileTimeoutMs),
  });
  for await (const event of events) {
    if (event.type === "test:stdout" || event.type === "test:stderr") {
      output = (output + event.data.message).slice(-keptOutput);
    } else if (event.type === "test:dequeue" && event.data.name !== path) {
      underWay = event.data.name;
    } else if (event.type === "test:pass" && event.data.details.type !== "suite") {
      const { name, line, skip, todo } = event.data;
      const place = `${file.path}:${line ?? 1}`;
      if (name === path) failures.push({ place, name: file.path, message: "the file holds no test" });
      else if (skip !== undefined) skipped.push({ place, name, reason: String(skip) });
      else if (todo !== undefined) failures.push({ place, name, message: "the test is not written" });
      else passed++;
    } else if (event.type === "test:fail") {
      const { name, line, details } = event.data;
      // The parent of a failed test fails with it; the test itself says why.
      if (failureType(details.error) === "subtestsFailed") continue;
      const whole = underWay === "" ? "as a whole" : `as a whole, at "${underWay}"`;
      const shown = name === path ? `${file.path} ${whole}` : name;
      failures.push({
        place: `${file.path}:${line ?? 1}`,
        name: shown,
        message: explain(details.error),
      });
    }
  }
  if (passed + failures.length + skipped.length === 0) {
    failures.push({ place: file.path, name: file.path, message: "the file reported nothing" });
  }
  return { file, passed, failures, skipped, seconds: (performance.now() - started) / 1000, output };
}

function failureType(error: Error): unknown {
  return "failureType" in error ? error.failureType : undefined;
}

/** The error that the test threw, which the runner's own error has as its cause, with its stack and causes. */
function explain(error: Error): string {
  const type = failureType(error);
  if (type === "testAborted" || type === "cancelledByParent") {
    return `not done after ${fileTimeoutMs / 60_000} minutes, or its file ended before it`;
  }
  const shown = error.cause instanceof Error ? error.cause : error;
  return inspect(shown, { depth: 6 }).replaceAll(/\n +at (node:internal|async node:internal).*/g, "");
}
