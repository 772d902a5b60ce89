/** What goes in and out of an engine. */
import type { RegoError } from "./errors.ts";

/**
 * A JSON value. Integers of any size pass unchanged: give those that a number cannot hold as `bigint`; they come back
 * as `bigint` too. Rego sets come back as arrays, object keys that are no strings as their JSON text.
 */
export type RegoValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly RegoValue[]
  | { readonly [key: string]: RegoValue };

/** A policy file. */
export interface RegoModule {
  /** Its name in error messages. */
  readonly file: string;
  /** Rego v1. */
  readonly text: string;
}

/** A base document. */
export interface RegoDocument {
  /** Its name in error messages. */
  readonly file: string;
  /** Where it stands below `data`; empty for `data` itself, and then it is an object. */
  readonly path: readonly string[];
  /** JSON. */
  readonly text: string;
}

/** All that an engine evaluates over. */
export interface PolicySet {
  readonly modules: readonly RegoModule[];
  readonly documents?: readonly RegoDocument[];
}

/** What became of an evaluation. Nothing but a value is an answer to act upon; `undefined` is no `false`. */
export type Answer =
  | { readonly kind: "value"; readonly value: RegoValue }
  | { readonly kind: "undefined" }
  | { readonly kind: "error"; readonly error: RegoError };

/** One way in which a query holds. */
export interface QueryResult {
  /** The values of its variables. */
  readonly bindings: { readonly [name: string]: RegoValue };
  /** The value of each of its expressions. */
  readonly values: readonly RegoValue[];
}

/** What became of a query; no results mean undefined. */
export type QueryAnswer =
  | { readonly kind: "results"; readonly results: readonly QueryResult[] }
  | { readonly kind: "error"; readonly error: RegoError };

/** What an evaluation gets beside its input. */
export interface EvaluationOptions {
  /** The time for `time.now_ns`: nanoseconds since 1970-01-01 UTC. Without it a policy that asks for it fails. */
  readonly nowNs?: bigint;
}

/** What an engine may take. */
export interface EngineLimits {
  /** Steps that an evaluation may take before it is an error. A step is well under a microsecond. */
  readonly maxSteps: number;
  /** Bytes that policies, documents and an evaluation may hold together, from 1 to 256 MiB. */
  readonly maxMemoryBytes: number;
  /** Levels of `[`, `{` and `(`, 32 at most: the time to parse them grows exponentially. */
  readonly maxNesting: number;
  readonly maxModules: number;
  /** Bytes of all modules together. */
  readonly maxModuleBytes: number;
  /** Bytes of all documents together. */
  readonly maxDocumentBytes: number;
  /** Characters of one input, as JSON. */
  readonly maxInputLength: number;
  /** Bytes of one answer, as JSON. */
  readonly maxAnswerLength: number;
}

export interface EngineOptions {
  readonly limits?: Partial<EngineLimits>;
  /** An error in a builtin function ends the evaluation. Default false, as in OPA: the call is undefined. */
  readonly strictBuiltinErrors?: boolean;
}

export interface GuardedEngineOptions extends EngineOptions {
  /**
   * Milliseconds for which the thread is at the evaluations of a batch. Default 250. A batch of more than 128 inputs, or of
   * more than half as many as there are milliseconds, gets as long again for so many that are answered. A call has
   * three batches in a row, at most, in which inputs of it are stopped.
   */
  readonly deadlineMs?: number;
  /** Milliseconds within which policies are loaded. Default 10000. */
  readonly loadDeadlineMs?: number;
  /** Gives up loading; once the policies are loaded it has no effect. */
  readonly signal?: AbortSignal;
}

/** What an answer can depend on, beside the policies: more than it does, never less. */
export interface InputReads {
  /** The top-level fields of `input` that can be read, sorted; or `"all"`. */
  readonly fields: readonly string[] | "all";
  /** Whether the time or anything else can be read that differs from one evaluation to the next. */
  readonly isVolatile: boolean;
}

/** What can be said of a policy set without evaluating it. */
export interface PolicyFacts {
  /** The packages that are there, each as the path `packagePath` makes, sorted. */
  readonly packages: readonly string[];
  /** What the answer of a rule can depend on. */
  reads(rule: string): InputReads;
}

/** An engine that evaluates at once, in the caller's thread: for policies that are trusted to end. */
export interface Engine extends PolicyFacts {
  /**
   * Evaluates a rule, or whatever stands at a path below `data`.
   *
   * @param rule such as `data.acme.allow`; see `rulePath`
   * @param input `undefined` for none
   */
  evaluate(rule: string, input: RegoValue | undefined, options?: EvaluationOptions): Answer;
  /** Evaluates any query, such as `x := data.acme.limits[_]; x > input.amount`. */
  query(query: string, input: RegoValue | undefined, options?: EvaluationOptions): QueryAnswer;
}

/**
 * An engine in a thread of its own. Whatever the policies do, an answer comes in time, and the process and the engine
 * go on.
 */
export interface GuardedEngine extends PolicyFacts {
  /**
   * Evaluates a rule for each of some inputs; answers come in their order. Batches wait for one another, and those
   * that wait together are evaluated together. An input on which the evaluation takes a quarter of the deadline is put
   * aside, and its neighbours are evaluated by another thread; it has what time is left then, and beyond that is an
   * error. The next time it comes last.
   *
   * Never rejects, unless the inputs are no array (`TypeError`).
   */
  evaluate(
    rule: string,
    inputs: readonly RegoValue[],
    options?: EvaluationOptions,
  ): Promise<readonly Answer[]>;
  /** Ends its threads. What is under way is answered with an error. */
  close(): Promise<void>;
}
