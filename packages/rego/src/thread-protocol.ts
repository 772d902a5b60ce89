/** What the guarded engine and its thread say to each other. */
import type { EngineLimits, PolicySet } from "./contracts.ts";
import { RegoError, type RegoErrorCode, type RegoPlace } from "./errors.ts";
import type { RawAnswer } from "./evaluator.ts";
import type { ModuleSummary } from "./module-summary.ts";
import type { EngineCode } from "./wasm-module.ts";

export interface ThreadStart {
  readonly code: EngineCode;
  readonly policies: PolicySet;
  readonly limits: EngineLimits;
  readonly isStrict: boolean;
  /** One number: the place of the evaluation that is under way. */
  readonly progress: SharedArrayBuffer;
  /** Whether to say what the modules read. */
  readonly examines: boolean;
}

/** Evaluations to do, in three lists of the same length. */
export interface Work {
  readonly rules: readonly string[];
  readonly inputs: readonly string[];
  readonly clocks: readonly (bigint | undefined)[];
}

/** An error as plain data: a class does not survive the way. */
export interface SentError {
  readonly code: RegoErrorCode;
  /** Without the place. */
  readonly said: string;
  readonly place: RegoPlace | undefined;
}

/** `string`: the value as JSON. */
export type SentAnswer = string | undefined | SentError;

export type Reply =
  | { readonly kind: "ready"; readonly summaries: readonly ModuleSummary[] }
  | { readonly kind: "refused"; readonly error: SentError }
  /** Answers come in order, in as many messages as it takes. */
  | { readonly kind: "answers"; readonly from: number; readonly answers: readonly SentAnswer[] };

export function sendError({ code, said, place }: RegoError): SentError {
  return { code, said, place };
}

export function receiveError({ code, said, place }: SentError): RegoError {
  return new RegoError(code, said, { place });
}

export function sendAnswer(answer: RawAnswer): SentAnswer {
  return answer instanceof RegoError ? sendError(answer) : answer;
}

export function receiveAnswer(answer: SentAnswer): RawAnswer {
  return typeof answer === "object" ? receiveError(answer) : answer;
}
