import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openPolicyTester, PolicyLoadError, type PolicyTester } from "@coresdk/pipeline";
import { findEgressPackage } from "../config/load.ts";
import { toConfigError } from "../policy/config-error.ts";
import { readTestCase, TestCaseError, type Verdict } from "../policy/test-case.ts";
import { type ExitCode, exitCode, UsageError } from "./exit-code.ts";
import { readInput } from "./input.ts";

type Flags = Readonly<Record<string, unknown>>;

/**
 * Longer than the sidecar gives by default: a busy machine that builds software must not fail a good policy. What does
 * not end is stopped by the engine's limits and this.
 */
const DEADLINE_MS = 2_000;
const MAX_FIXTURES = 10_000;

/**
 * `policy test`: what policies decide about inputs, and whether that is what was expected. 1 when it is not, 78 when
 * the policies cannot be loaded.
 */
export async function testPolicy(dir: string, flags: Flags): Promise<ExitCode> {
  const expected = readExpected(flags["expect"]);
  const files = await listFiles(flags);
  const tester = await openTester(resolve(dir), flags);
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

/** Prints a line about one file; false when it is not as expected, or no input. */
async function testFile(tester: PolicyTester, file: string, expected: Verdict | undefined): Promise<boolean> {
  try {
    const { input, expect = expected, foreign } = await readTestCase(file);
    for (const name of foreign) {
      process.stderr.write(`warning: ${file}: ${name} is nothing that an egress policy gets; left out\n`);
    }
    const { allowed, reason } = await tester.decide(input);
    const verdict = allowed ? "allow" : "deny";
    const isRight = expect === undefined || expect === verdict;
    say(isRight, verdict, file, isRight ? reason : `expected ${expect}; ${reason}`);
    return isRight;
  } catch (error) {
    if (!(error instanceof TestCaseError)) throw error;
    say(false, "-", file, error.message);
    return false;
  }
}

function say(isRight: boolean, verdict: string, file: string, why: string): void {
  // What a policy says may hold anything; it must not steer a terminal.
  const line = `${isRight ? "ok    " : "FAILED"}  ${verdict.padEnd(5)}  ${file}: ${why}`;
  process.stdout.write(`${line.replace(/\p{Cc}/gu, " ")}\n`);
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
      name === undefined ? `--package says which to test: ${tester.problem}` : tester.problem,
    );
  } catch (error) {
    if (error instanceof PolicyLoadError) throw toConfigError(error);
    throw error;
  }
}

async function listFiles({ input, fixtures }: Flags): Promise<readonly string[]> {
  if (typeof input === "string" && fixtures === undefined) return [input];
  if (typeof fixtures !== "string" || input !== undefined) {
    throw new UsageError("say what to test with: --input FILE or --fixtures DIR");
  }
  let names: string[];
  try {
    names = await readdir(fixtures);
  } catch (error) {
    throw new UsageError(`--fixtures: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const files = names.filter((name) => name.endsWith(".json") && !name.startsWith(".")).sort();
  if (files.length === 0) throw new UsageError(`--fixtures: there is no .json file in ${fixtures}`);
  if (files.length > MAX_FIXTURES) throw new UsageError(`--fixtures: more than ${MAX_FIXTURES} files`);
  return files.map((name) => join(fixtures, name));
}

function readExpected(value: unknown): Verdict | undefined {
  if (value === undefined || value === "allow" || value === "deny") return value;
  throw new UsageError("--expect: must be allow or deny");
}
