import type { Answer, RegoErrorCode } from "@coresdk/rego";

/** Why an evaluation gave no decision: the engine's own words, or a value that is neither true nor false. */
export type FailureKind = RegoErrorCode | "not_boolean";

/** What an answer comes to. Only `true` lets an event leave (semantics, section 9). */
export interface Judgement {
  readonly allowed: boolean;
  /** The same input gets the same answer again: not so for an error, which time or load may have caused. */
  readonly lasting: boolean;
  /** `undefined` for a decision, and for undefined, which is how most policies say no. */
  readonly failure: FailureKind | undefined;
  /** Where in the policy; never what the engine says, which may repeat a value of the event. */
  readonly place: string;
}

const ALLOWED: Judgement = { allowed: true, lasting: true, failure: undefined, place: "" };
const DENIED: Judgement = { allowed: false, lasting: true, failure: undefined, place: "" };
const NOT_BOOLEAN: Judgement = { allowed: false, lasting: true, failure: "not_boolean", place: "" };
const NO_ANSWER: Judgement = { allowed: false, lasting: false, failure: "deadline", place: "" };

/** Judges an answer of the engine, or its lack. */
export function judgeAnswer(answer: Answer | undefined): Judgement {
  switch (answer?.kind) {
    case "value":
      if (typeof answer.value !== "boolean") return NOT_BOOLEAN;
      return answer.value ? ALLOWED : DENIED;
    case "undefined":
      return DENIED;
    case "error": {
      const { code, place } = answer.error;
      const where = place === undefined ? "" : `${place.file}:${place.line}:${place.column}`;
      return { allowed: false, lasting: false, failure: code, place: where };
    }
    case undefined:
      return NO_ANSWER;
  }
}
