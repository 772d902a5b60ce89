/** What the guarded engine and its thread say to each other. */
import type { EngineLimits, PolicySet } from "./contracts.ts";
import { RegoError, type RegoErrorCode, type RegoPlace } from "./errors.ts";
import type { RawAnswer } from "./evaluator.ts";
import type { LoadedPolicies } from "./load.ts";
import type { EngineCode } from "./wasm-module.ts";

/** Where in the numbers that threads share stands which evaluation is under way. */
export const PLACE = 0;
/** Where stands how many times all that came in a message was answered. */
export const DONE = 1;
/** How many numbers there are. */
export const PROGRESS_SIZE = 2;

export interface ThreadStart {
  readonly code: EngineCode;
  /** Policies to load, or what came of it in another thread. */
  readonly policies: PolicySet | LoadedPolicies;
  readonly limits: EngineLimits;
  readonly isStrict: boolean;
  /** See {@link PLACE} and {@link DONE}. */
  readonly progress: SharedArrayBuffer;
}

/**
 * Evaluations to do, in the order of the groups, with the same rule and clock in each. One long text crosses a thread
 * at less cost than many short ones.
 */
export interface Work {
  readonly size: number;
  readonly groups: readonly WorkGroup[];
}

export interface WorkGroup {
  readonly rule: string;
  readonly nowNs: bigint | undefined;
  /** JSON, a line each: JSON of one value has no line break in it. */
  readonly inputs: string;
}

/** An error as plain data: a class does not survive the way. */
export interface SentError {
  readonly code: RegoErrorCode;
  /** Without the place. */
  readonly said: string;
  readonly place: RegoPlace | undefined;
}

/** How long a thread was at evaluations, in milliseconds. */
export interface WorkTime {
  /** By the clock, with what follows. */
  readonly workedMs: number;
  /** In which it waited for a processor. */
  readonly starvedMs: number;
  /** In which the engine was set back after it broke. */
  readonly repairMs: number;
}

/** Answers, in the order of the evaluations. */
export interface SentAnswers {
  /** How many were sent before. */
  readonly from: number;
  readonly count: number;
  /** Values as JSON, a line each; an empty line is undefined, or one of the errors. */
  readonly values: string;
  /** Errors by their place among these answers. */
  readonly errors: ReadonlyMap<number, SentError>;
  /** Since the answers before, or since the thread began with these evaluations. */
  readonly took: WorkTime;
}

export type Reply =
  | {
      readonly kind: "ready";
      readonly loaded: LoadedPolicies;
      /** The system's number of the thread, where it has one. */
      readonly thread: number | undefined;
    }
  | { readonly kind: "refused"; readonly error: SentError }
  /** In as many messages as it takes. */
  | { readonly kind: "answers"; readonly answers: SentAnswers };

export function sendError({ code, said, place }: RegoError): SentError {
  return { code, said, place };
}

export function receiveError({ code, said, place }: SentError): RegoError {
  return new RegoError(code, said, { place });
}

export function sendAnswers(from: number, answers: readonly RawAnswer[], took: WorkTime): SentAnswers {
  const errors = new Map<number, SentError>();
  let values = "";
  for (const [index, answer] of answers.entries()) {
    if (index > 0) values += "\n";
    if (typeof answer === "string") values += answer;
    else if (answer !== undefined) errors.set(index, sendError(answer));
  }
  return { from, count: answers.length, values, errors, took };
}

export function receiveAnswers({ values, errors }: SentAnswers): RawAnswer[] {
  return values.split("\n").map((value, index) => {
    if (value !== "") return value;
    const error = errors.get(index);
    return error === undefined ? undefined : receiveError(error);
  });
}
