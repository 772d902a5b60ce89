/**
 * What the stages promise each other. Stages import this file and never one another; `intake.ts` and
 * `delivery.ts` put them together.
 */
import type { BatchView, EncodedBatch } from "./batch.ts";
import type { Fact } from "./facts.ts";
import type { LogEvent, SpanRecord } from "./log-event.ts";

/** Time, as the pipeline sees it: injected, so that tests wait for nothing. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /**
   * Milliseconds since some moment, which go on evenly whatever the time of day is set to: for time-outs, waits and
   * ages. Means nothing to another process.
   */
  elapsed(): number;
  /** Calls back once after `delayMs`; the returned function cancels. The timer keeps no process alive. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** Randomness, injected likewise. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** Fills the array with random bytes and returns it. */
  fill(bytes: Uint8Array): Uint8Array;
}

/** Where observable facts go: counted, and logged when they have a level (see `facts.ts`). */
export interface FactRecorder {
  /**
   * @param fact what happened
   * @param amount how many (counters) or how much (gauges, histograms); 1 when left out
   * @param labels low-cardinality labels: a sink's name, an event type, a reason; never a value from a user's text
   * @param detail a sentence for the log, free of secrets and of event contents
   */
  record(fact: Fact, amount?: number, labels?: Readonly<Record<string, string>>, detail?: string): void;
}

/**
 * A refusal is expected and a value: nothing was kept. The sender is told to try again, except after
 * `too_large`: the batch alone is more than `maxBytes`, so that no waiting makes room for it.
 */
export type Appended =
  | { readonly committed: true; readonly firstSequence: number }
  | {
      readonly committed: false;
      readonly reason: "full" | "closing" | "failed";
      readonly retryAfterMs: number;
      readonly detail: string;
    }
  | { readonly committed: false; readonly reason: "too_large"; readonly detail: string };

/** Events in the queue, in order. The event at `indexes[k]` of `batch` has the sequence `firstSequence + indexes[k]`. */
export interface Segment {
  readonly firstSequence: number;
  /** A reader's `take` and `reread` retain it for their caller, who releases it once it needs the bytes no more. */
  readonly batch: BatchView;
  /** The events of the batch that this reader has still to see, ascending. */
  readonly indexes: readonly number[];
}

/** A run of sequences, both ends included. */
export interface SequenceRange {
  readonly first: number;
  readonly last: number;
}

/** What is kept of an event that will not be sent again by itself. */
export interface DeadLetter {
  readonly sequence: number;
  /** The event in the JSON event format. */
  readonly event: Uint8Array;
  /** Why: a short stable word (`rejected`, `expired`, `too_large`) and what the peer said. */
  readonly reason: string;
  readonly detail: string;
  readonly attempts: number;
  /** The peer's last status (HTTP status, Kafka error code name), `""` when there was none. */
  readonly lastStatus: string;
  readonly atMs: number;
}

/** A dead letter as stored: with the sink whose reader gave it up. */
export interface StoredDeadLetter extends DeadLetter {
  readonly sink: string;
}

export interface TakeLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** One reader's view of the log: the position behind which everything is settled, and what is settled beyond it. */
export interface QueueReader {
  readonly name: string;
  /**
   * The next events after the last taken ones, at least one and at most what the limits allow (one event is
   * given even if it alone is over `maxBytes`). Waits while there is none; resolves to `[]` when `signal`
   * aborts or the queue closes. After a restart it begins with the oldest event not settled.
   */
  take(limits: TakeLimits, signal: AbortSignal): Promise<readonly Segment[]>;
  /** Reads events that were taken and not settled once more; those no longer there are left out. */
  reread(ranges: readonly SequenceRange[]): Promise<readonly Segment[]>;
  /** Marks events as done; durable with the next commit. Resolves when it is. */
  settle(ranges: readonly SequenceRange[]): Promise<void>;
  /** Keeps the events as dead letters and settles them, in one transaction. */
  deadLetter(letters: readonly DeadLetter[]): Promise<void>;
  /**
   * How many committed events this reader has not settled, taken or not: a flush asks what it has to deliver.
   * Answered in the order of the calls, so that a `settle` called before is counted.
   */
  pending(): Promise<number>;
}

export interface QueueStats {
  /** Events stored and not settled by every reader. */
  readonly events: number;
  /** Bytes stored, dead letters included; what `maxBytes` limits. */
  readonly bytes: number;
  readonly maxBytes: number;
  readonly deadLetters: number;
  /** When the oldest stored event was accepted, in ms since the epoch; `undefined` when there is none. */
  readonly oldestAcceptedAtMs: number | undefined;
  /** Unsettled events by reader; one that the queue was opened without is there while events are kept for it. */
  readonly pending: Readonly<Record<string, number>>;
}

/** A log of encoded batches with readers. */
export interface Queue {
  /**
   * Appends one batch. Resolves once it is committed: synced to disk in the default mode. The buffer of the
   * batch belongs to the queue from the call on. Appends are committed in the order of the calls.
   */
  append(batch: EncodedBatch): Promise<Appended>;
  /** The reader of that name, one of those the queue was opened with. */
  reader(name: string): QueueReader;
  /**
   * Stored batches from a sequence on, settled or not, without moving any reader (`tap`). Resolves at once,
   * to `[]` when there is nothing.
   */
  browse(fromSequence: number, limits: TakeLimits): Promise<readonly Segment[]>;
  deadLetters(limit: number): Promise<readonly StoredDeadLetter[]>;
  /** True when an append that the queue can hold at all would be refused now: `/readyz` asks. */
  refusing(): boolean;
  /** What fills the queue, in words, when it refuses for want of room; else `""`. */
  fullness(): string;
  stats(): Promise<QueueStats>;
  /** Commits what is under way, refuses the rest, and closes. */
  close(): Promise<void>;
}

/** One event on its way to a sink. */
export interface SinkEvent {
  readonly sequence: number;
  readonly batch: BatchView;
  readonly index: number;
}

/** What became of one event. Expected outcomes are values; a sink throws only when it is broken. */
export type Outcome =
  | { readonly kind: "delivered" }
  | {
      readonly kind: "retry";
      readonly reason: string;
      readonly status: string /** What the peer asked for. */;
      readonly afterMs: number | undefined;
      /** True when one event of the send may have made it fail for all: smaller sends may fare better. */
      readonly mayBeEvents?: boolean;
      /** True when the peer wants no request at all, whatever is in it, before {@link afterMs} is over. */
      readonly holdsSink?: boolean;
    }
  | {
      readonly kind: "rejected";
      readonly reason: "rejected" | "too_large";
      readonly detail: string;
      readonly status: string;
    }
  /**
   * The sink itself is misconfigured (401, 403, 410, 3xx, wrong password): nothing is lost. All wait, each up to
   * its age limit, past which it is a dead letter.
   */
  | { readonly kind: "parked"; readonly reason: string; readonly status: string };

/**
 * A destination. It sends, and says of each event what became of it; retrying is not its business. The bytes of the
 * batches are its own only until `send` resolves: what may be written later, it copies.
 */
export interface Sink {
  readonly name: string;
  /** Events a send, at most. */
  readonly maxEventsPerSend: number;
  /** Bytes of events a send, at most; one event may be larger. */
  readonly maxBytesPerSend: number;
  /** How long a batch that is not full waits for more; 0 sends at once. */
  readonly flushIntervalMs: number;
  /** Sends at once, at most. */
  readonly maxInFlight: number;
  /**
   * True when all events of one subject stand in one row there, so that those of no user have an order to keep as well;
   * else theirs does not matter, and a tenant's events do not wait for each other.
   */
  readonly keepsSubjects?: boolean;
  /**
   * A sink that took nothing for so long, while there was something for it, is degraded, however many attempts were
   * made or are still under way. Left out: only failed attempts count.
   */
  readonly answersWithinMs?: number;
  /** Where a send may be several requests: when the last of them was answered, as elapsed time. */
  readonly heardAtMs?: number;
  /** One outcome for each event, in the same order. Aborting makes what is not yet sent a `retry`. */
  send(events: readonly SinkEvent[], signal: AbortSignal): Promise<readonly Outcome[]>;
  close(): Promise<void>;
}

/** What a sink is doing, for `/readyz?verbose` and the banner. */
export interface SinkHealth {
  readonly name: string;
  readonly state: "ready" | "degraded" | "parked";
  /** Why it is not ready. */
  readonly reason: string;
  readonly consecutiveFailures: number;
}

/** Why evaluations of the egress policy gave no decision. */
export interface PolicyFailure {
  /** Which kind of failure, and where in the policies; nothing of an event. */
  readonly reason: string;
  readonly count: number;
  /** RFC 3339. */
  readonly firstAt: string;
  readonly lastAt: string;
}

/** How the egress policy does, for `/readyz?verbose`. */
export interface PolicyHealth {
  /** The Rego package, as the configuration names it. */
  readonly package: string;
  readonly dir: string;
  /** What is denied is reported, and leaves all the same. */
  readonly dryRun: boolean;
  /** `denying`: every event is denied, as far as an example shows. */
  readonly state: "ready" | "denying";
  /** Why it denies, or what is odd about it; `""` when all is well. */
  readonly reason: string;
  /** Why what is in the directory now is not in force; `""` when it is. */
  readonly refused: string;
  /** When the policies in force were loaded, RFC 3339; `undefined` before the first are. */
  readonly since: string | undefined;
  /** Why evaluations of the policies in force gave no decision, which denies; not more than some tens of reasons. */
  readonly failures: readonly PolicyFailure[];
}

export type OtlpEncoding = "protobuf" | "json";

/** An event that cannot be a CloudEvent: refused by place and attribute name, never by value. */
export interface Refusal {
  /** The record's place in the request, counted over all its records. */
  readonly index: number;
  /** The CloudEvents attribute that is illegal. */
  readonly attribute: string;
  /** Why, without the value. */
  readonly expected: string;
}

/** What intake made of one OTLP logs export request. */
export interface IntakeResult {
  /** The events that may leave, encoded; `undefined` when there is none. */
  readonly batch: EncodedBatch | undefined;
  /** Records in the request that are events, whatever became of them. */
  readonly events: number;
  /** Records that are no events and go on over OTLP. */
  readonly otherRecords: number;
  readonly refusals: readonly Refusal[];
  /** Events that the egress policy kept back, by type. */
  readonly denied: ReadonlyMap<string, number>;
  /** Events that it would have kept back and that leave, since it is on trial, by type. */
  readonly wouldBeDenied: ReadonlyMap<string, number>;
  /** Both of these encoded, as they would leave; `undefined` when nobody watches them, or there is none. */
  readonly deniedBatch: EncodedBatch | undefined;
  /** Places of the events that were denied or refused, counted over all records of the request, ascending. */
  readonly withheld: readonly number[];
  /**
   * The request without its events, in its own encoding: `"whole"` when it held none (forward the bytes that
   * came), `undefined` when nothing is left.
   */
  readonly rest: Uint8Array | "whole" | undefined;
  readonly bodiesLeftOut: number;
  /** Values and keys of the data in which masking replaced something. */
  readonly valuesMasked: number;
  /** Values that were replaced whole because masking them failed. */
  readonly maskFailures: number;
  /** Extension attributes left out because their names or values are illegal: how many, by name; not more than some hundred. */
  readonly extensionsLeftOut: ReadonlyMap<string, number>;
}

/** The request is no OTLP logs request: the sender is at fault (400, INVALID_ARGUMENT). */
export class OtlpDecodeError extends Error {
  override readonly name = "OtlpDecodeError";
}

/** The request can be read, and holds more than is taken at once: less of it may be sent (413, RESOURCE_EXHAUSTED). */
export class OtlpTooLargeError extends Error {
  override readonly name = "OtlpTooLargeError";
}

/** What became of one OTLP logs export request. */
export interface Ingested {
  readonly appended: Appended;
  readonly result: IntakeResult;
}

/** What was still undelivered when a flush ended. */
export interface Flushed {
  readonly remaining: number;
}

/** Who sent a request. */
export interface Sender {
  /** One object for all requests of one connection: connections take turns. */
  readonly connection: object;
  /** True when nobody waits for the answer any more. */
  readonly gone: boolean;
  /**
   * Calls back when nobody waits any more, unless that is so already.
   * @returns what takes it back
   */
  onGone(callback: () => void): () => void;
}

/** Both front doors end here. */
export interface Pipeline {
  /**
   * Takes one OTLP logs export request, decompressed. Resolves once every event in it is committed, denied or
   * refused by name. A request without events resolves with `committed`.
   * @throws OtlpDecodeError when the bytes are no such request; nothing was kept then
   * @throws OtlpTooLargeError when they hold more than is taken at once; nothing was kept then
   * @param sender left out: somebody waits for the answer, however long it takes
   */
  ingest(request: Uint8Array, encoding: OtlpEncoding, sender?: Sender): Promise<Ingested>;
  /** Takes log events that did not come over OTLP; ids are fresh, monotonic ULIDs. */
  emit(events: readonly LogEvent[]): Promise<Ingested>;
  /** Takes one ended span as the event that it is (semantics, section 12). */
  emitSpan(span: SpanRecord): Promise<Ingested>;
  readonly queue: Queue;
  health(): readonly SinkHealth[];
  /** Calls back with each batch after its commit; the returned function ends it. */
  watch(listener: (segment: Segment) => void): () => void;
  /**
   * Calls back with the events of each committed request that policy denied, or would have denied; they are kept
   * nowhere. The returned function ends it.
   */
  watchDenied(listener: (denied: BatchView) => void): () => void;
  /** How the egress policy does; `undefined` without one. */
  policy(): PolicyHealth | undefined;
  /**
   * Delivers what is in the queue now, without waiting for batches to fill; ends at the deadline, in ms from now.
   */
  flush(deadlineMs: number): Promise<Flushed>;
  /**
   * Refuses new input, flushes as {@link Pipeline.flush} does, and closes sinks and queue. Aborted sends and a
   * queue or sink that does not answer are waited for some seconds longer than the deadline, and no more.
   */
  close(deadlineMs: number): Promise<Flushed>;
}
