/** What the guarded engine and its thread say to each other. */
import type { EngineLimits, PolicySet } from "./contracts.ts";
import { RegoError, type RegoErrorCode, type RegoPlace } from "./errors.ts";
import type { RawAnswer } from "./evaluator.ts";
import type { LoadedPolicies } from "./load.ts";
import type { EngineCode } from "./wasm-module.ts";

export interface ThreadStart {
  readonly code: EngineCode;
  /** Policies to load, or what came of it in another thread. */
  readonly policies: PolicySet | LoadedPolicies;
  readonly limits: EngineLimits;
  readonly isStrict: boolean;
  /** One number: the place of the evaluation that is under way. */
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

/** Answers, in the order of the evaluations. */
export interface SentAnswers {
  /** How many were sent before. */
  readonly from: number;
  readonly count: number;
  /** Values as JSON, a line each; an empty line is undefined, or one of the errors. */
  readonly values: string;
  /** Errors by their place among these answers. */
  readonly errors: ReadonlyMap<number, SentError>;
  /** Milliseconds in which the engine was set back after it broke. */
  readonly repairMs: number;
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

export function sendAnswers(from: number, answers: readonly RawAnswer[], repairMs: number): SentAnswers {
  const errors = new Map<number, SentError>();
  let values = "";
  for (const [index, answer] of answers.entries()) {
    if (index > 0) values += "\n";
    if (typeof answer === "string") values += answer;
    else if (answer !== undefined) errors.set(index, sendError(answer));
  }
  return { from, count: answers.length, values, errors, repairMs };
}

export function receiveAnswers({ values, errors }: SentAnswers): RawAnswer[] {
  return values.split("\n").map((value, index) => {
    if (value !== "") return value;
    const error = errors.get(index);
    return error === undefined ? undefined : receiveError(error);
  });
}
