/**
 * What went wrong:
 *
 * - `compile`: the policies do not parse or do not compile; `place` says where
 * - `document`: a base document is no JSON, or two of them say different things about one path
 * - `directory`: the policies cannot be read
 * - `limit`: the policies are more, larger or nested deeper than allowed
 * - `option`: an option or a limit is out of its range
 * - `path`: a package's or rule's name cannot be one
 * - `input`: an input that cannot be passed: no JSON value, too large, or text with half a surrogate pair
 * - `evaluation`: the policy failed; `place` says where
 * - `clock`: the policy asked for the time and none was passed in
 * - `steps`, `memory`: more than allowed
 * - `crash`: the engine broke down, as it does on endless recursion
 * - `answer`: the answer is longer than allowed
 * - `deadline`: no answer in time
 * - `closed`: the engine has been closed
 */
export type RegoErrorCode =
  | "compile"
  | "document"
  | "directory"
  | "limit"
  | "option"
  | "path"
  | "input"
  | "evaluation"
  | "clock"
  | "steps"
  | "memory"
  | "crash"
  | "answer"
  | "deadline"
  | "closed";

/** A place in a policy file. */
export interface RegoPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The line's text. */
  readonly sourceLine: string;
}

export interface RegoErrorOptions {
  readonly place?: RegoPlace | undefined;
  readonly cause?: unknown;
}

/** The one error of this package. */
export class RegoError extends Error {
  override readonly name = "RegoError";
  readonly code: RegoErrorCode;
  /** Where in the policies, if that can be said. The message begins with it. */
  readonly place: RegoPlace | undefined;
  /** The message without the place. */
  readonly said: string;

  constructor(code: RegoErrorCode, message: string, { place, cause }: RegoErrorOptions = {}) {
    const where = place === undefined ? "" : `${place.file}:${place.line}:${place.column}: `;
    super(where + message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.place = place;
    this.said = message;
  }
}
