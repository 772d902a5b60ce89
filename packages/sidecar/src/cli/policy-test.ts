import { access, constants, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { openPolicyTester, PolicyLoadError, type PolicyTester } from "@coresdk/pipeline";
import { findEgressPackage } from "../config/load.ts";
import { toConfigError } from "../policy/config-error.ts";
import { listFixtures } from "../policy/list-fixtures.ts";
import { readTestCase, type Verdict } from "../policy/test-case.ts";
import { TestCaseError } from "../policy/test-json.ts";
import { type ExitCode, exitCode, UsageError } from "./exit-code.ts";
import { findDirectory, readInput } from "./input.ts";

type Flags = Readonly<Record<string, unknown>>;

/**
 * Longer than the sidecar gives by default: a busy machine that builds software must not fail a good policy. What does
 * not end is stopped by the engine's limits and this.
 */
const DEADLINE_MS = 2_000;

/**
 * `policy test`: what policies decide about inputs, and whether that is what was expected. 1 when it is not or a policy
 * gave no decision, 2 when a folder or file that was named is not there, 78 when the policies cannot be loaded.
 */
export async function testPolicy(dir: string, flags: Flags): Promise<ExitCode> {
  const expected = readExpected(flags["expect"]);
  const folder = resolve(findDirectory(), dir);
  // Without the folder the engine says what is then in force: every event is denied.
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === false) throw new UsageError(`${folder} is no folder, which is what DIR names`);
  const files = await listFiles(flags);
  const tester = await openTester(folder, flags);
  try {
    let failed = 0;
    for (const file of files) if (!(await testFile(tester, file, expected))) failed++;
    const what = files.length === 1 ? "1 input" : `${files.length} inputs`;
    process.stdout.write(`${what}, ${failed === 0 ? "none" : failed} failed\n`);
    return failed === 0 ? exitCode.ok : exitCode.failure;
  } finally {
    await tester.close();
  }
}

/** Prints a line about one file; false when it is not as expected, or nothing was decided. */
async function testFile(tester: PolicyTester, file: string, expected: Verdict | undefined): Promise<boolean> {
  try {
    const { input, expect = expected } = await readTestCase(file);
    const { allowed, failed, reason } = await tester.decide(input);
    // That a failure denies is no decision about this input: the next one may be another.
    if (failed) return say(false, "-", file, reason);
    const verdict = allowed ? "allow" : "deny";
    const isRight = expect === undefined || expect === verdict;
    return say(isRight, verdict, file, isRight ? reason : `expected ${expect}; ${reason}`);
  } catch (error) {
    if (!(error instanceof TestCaseError)) throw error;
    return say(false, "-", file + error.place, error.message);
  }
}

function say(isRight: boolean, verdict: string, where: string, why: string): boolean {
  // What a policy says may hold anything; it must not steer a terminal.
  const line = `${isRight ? "ok    " : "FAILED"}  ${verdict.padEnd(5)}  ${where}: ${why}`;
  process.stdout.write(`${line.replace(/\p{Cc}/gu, " ")}\n`);
  return isRight;
}

async function openTester(dir: string, flags: Flags): Promise<PolicyTester> {
  const named = flags["package"] ?? findEgressPackage(readInput(flags));
  const name = typeof named === "string" ? named : undefined;
  if (name?.split("/").includes("")) throw new UsageError("--package: a part of the name is empty");
  try {
    const tester = await openPolicyTester({ dir, package: name, deadlineMs: DEADLINE_MS });
    if (tester.problem === "") return tester;
    await tester.close();
    throw new UsageError(
      tester.isUnclear ? `--package says which to test: ${tester.problem}` : tester.problem,
    );
  } catch (error) {
    if (error instanceof PolicyLoadError) throw toConfigError(error);
    throw error;
  }
}

async function listFiles({ input, fixtures }: Flags): Promise<readonly string[]> {
  const [files, folders] = [textsOf(input), textsOf(fixtures)];
  if (files.length === 0 && folders.length === 0) {
    throw new UsageError("say what to test with: --input FILE, --fixtures DIR or both");
  }
  for (const file of files) await checkFile(file);
  const found = await Promise.all(folders.map(listFolder));
  return [...files, ...found.flat()];
}

/** What was named on the command line is there. */
async function checkFile(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
    if ((await stat(file)).isDirectory()) throw new Error(`${file} is a folder, which --fixtures takes`);
  } catch (cause) {
    throw new UsageError(`--input: ${whyOf(cause)}`, { cause });
  }
}

async function listFolder(folder: string): Promise<readonly string[]> {
  let files: readonly string[];
  try {
    files = await listFixtures(folder);
  } catch (cause) {
    throw new UsageError(`--fixtures: ${whyOf(cause)}`, { cause });
  }
  if (files.length === 0) throw new UsageError(`--fixtures: there is no .json file in ${folder}`);
  return files;
}

function whyOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function readExpected(value: unknown): Verdict | undefined {
  if (value === undefined || value === "allow" || value === "deny") return value;
  throw new UsageError("--expect: must be allow or deny");
}
