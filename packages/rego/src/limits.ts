import type { EngineLimits, EngineOptions } from "./contracts.ts";
import { RegoError } from "./errors.ts";

const MIB = 1024 * 1024;

const defaults: EngineLimits = {
  // About 20 ms of an endless comprehension, well within a slice of the deadline.
  maxSteps: 100_000,
  maxMemoryBytes: 64 * MIB,
  maxNesting: 12,
  maxModules: 1_000,
  maxModuleBytes: 4 * MIB,
  maxDocumentBytes: 8 * MIB,
  maxInputLength: MIB,
  maxAnswerLength: MIB,
};

/** What `build-wasm.sh` allows the memory to grow to. */
const MOST_MEMORY = 256 * MIB;

/** What regorus and the policies themselves need, and a little. */
const LEAST_MEMORY = 1024 * 1024;

/** The least and the most of each limit. */
const ranges: Readonly<Record<keyof EngineLimits, readonly [least: number, most: number]>> = {
  maxSteps: [1, Number.MAX_SAFE_INTEGER],
  maxMemoryBytes: [LEAST_MEMORY, MOST_MEMORY],
  maxNesting: [1, 32],
  maxModules: [0, 100_000],
  maxModuleBytes: [0, 16 * MIB],
  maxDocumentBytes: [0, MOST_MEMORY],
  maxInputLength: [1, MOST_MEMORY],
  maxAnswerLength: [1, MOST_MEMORY],
};

/** The longest time that a timer of Node can wait. */
const MOST_MS = 2_147_483_647;

/**
 * Fills in what is not set.
 *
 * @throws RegoError with the code `option` for a value that is no whole number or out of its range, or a limit that
 * there is not
 */
export function completeLimits(limits: Partial<EngineLimits> = {}): EngineLimits {
  checkNames("limits", limits, Object.keys(ranges));
  const set = Object.entries(limits).filter(([, value]) => value !== undefined);
  const complete = { ...defaults, ...Object.fromEntries(set) };
  for (const [name, [least, most]] of Object.entries(ranges)) {
    checkWhole(`limits.${name}`, Reflect.get(complete, name), least, most);
  }
  return complete;
}

/**
 * What is misspelled would limit nothing.
 *
 * @throws RegoError with the code `option` for what is no object, or has another name in it
 */
export function checkNames(where: string, given: object, names: readonly string[]): void {
  if (typeof given !== "object" || given === null)
    throw new RegoError("option", `${where} must be an object`);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    throw new RegoError("option", `${where} has no ${name}; there are ${names.join(", ")}`);
  }
}

/**
 * Whether errors in builtin functions end an evaluation.
 *
 * @throws RegoError with the code `option`
 */
export function readStrict({ strictBuiltinErrors = false }: EngineOptions): boolean {
  if (typeof strictBuiltinErrors === "boolean") return strictBuiltinErrors;
  throw new RegoError("option", `strictBuiltinErrors is true or false, not ${shown(strictBuiltinErrors)}`);
}

/**
 * Gives back a time to wait, in milliseconds.
 *
 * @throws RegoError with the code `option`
 */
export function checkMilliseconds(name: string, value: number): number {
  checkWhole(name, value, 1, MOST_MS);
  return value;
}

function checkWhole(name: string, value: unknown, least: number, most: number): void {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return;
  throw new RegoError("option", `${name} is a whole number from ${least} to ${most}, not ${shown(value)}`);
}

function shown(value: unknown): string {
  return typeof value === "number" || typeof value === "bigint" ? String(value) : `a ${typeof value}`;
}
