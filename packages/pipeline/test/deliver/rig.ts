import type {
  FactRecorder,
  Outcome,
  Queue,
  Random,
  Sink,
  SinkEvent,
  StoredDeadLetter,
} from "../../src/contracts.ts";
import { createDelivery, type Delivery } from "../../src/delivery.ts";
import { createMemoryQueue } from "../../src/queue/memory-queue.ts";
import { buildBatch, type EventOfTest } from "../build-batch.ts";
import { ManualClock } from "./manual-clock.ts";

export const DELIVERED: Outcome = { kind: "delivered" };

export function retry(afterMs?: number): Outcome {
  return { kind: "retry", reason: "not now", status: "503", afterMs };
}

/** One event of the send may have made it fail. */
export const FAILED: Outcome = {
  kind: "retry",
  reason: "HTTP 500",
  status: "500",
  afterMs: undefined,
  mayBeEvents: true,
};

export function rejected(): Outcome {
  return { kind: "rejected", reason: "rejected", detail: "not this", status: "400" };
}

export const PARKED: Outcome = { kind: "parked", reason: "who are you", status: "401" };

/** What the sink of a test makes of the events of one send, by their ids. */
export type Answer = (
  ids: readonly string[],
  signal: AbortSignal,
) => readonly Outcome[] | Outcome | Promise<readonly Outcome[] | Outcome>;

/** A sink that answers as the test says and remembers what it was sent. */
export class SinkOfTest implements Sink {
  readonly name = "default";
  maxEventsPerSend = 1;
  maxBytesPerSend = 1_000_000;
  flushIntervalMs = 0;
  maxInFlight = 4;
  keepsSubjects = false;
  answersWithinMs = Number.POSITIVE_INFINITY;
  heardAtMs = 0;
  closed = false;
  answer: Answer = () => DELIVERED;
  readonly sends: (readonly string[])[] = [];
  #other: Sink | undefined;

  get ids(): readonly string[] {
    return this.sends.flat();
  }

  /** Leaves the answers to another sink. */
  forwardTo(sink: Sink): void {
    this.#other = sink;
  }

  async send(events: readonly SinkEvent[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const ids = events.map(({ batch, index }) => batch.id(index));
    this.sends.push(ids);
    if (this.#other !== undefined) return this.#other.send(events, signal);
    const answer = await this.answer(ids, signal);
    return "kind" in answer ? ids.map(() => answer) : answer;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

export class FactsOfTest implements FactRecorder {
  readonly counts = new Map<string, number>();
  readonly details: string[] = [];

  record({ name }: { readonly name: string }, amount = 1, _labels?: unknown, detail?: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + amount);
    if (detail !== undefined) this.details.push(detail);
  }

  count(name: string): number {
    return this.counts.get(name) ?? 0;
  }
}

/** A delivery over the queue in memory, with everything about it in the test's hands. */
export class Rig {
  readonly clock: ManualClock;
  readonly facts = new FactsOfTest();
  readonly sink = new SinkOfTest();
  readonly queue: Queue;
  readonly delivery: Delivery;
  /** What full jitter draws; 1 makes each wait the longest there is. */
  jitter: () => number = () => 1;

  constructor({
    order = "subject",
    maxAgeMs = 72 * 3_600_000,
    keepsSubjects = false,
    answersWithinMs = Number.POSITIVE_INFINITY,
    clock = new ManualClock(),
    maskText,
  }: {
    order?: "subject" | "none";
    maxAgeMs?: number;
    keepsSubjects?: boolean;
    answersWithinMs?: number;
    clock?: ManualClock;
    maskText?: (text: string) => string;
  } = {}) {
    const { facts } = this;
    this.clock = clock;
    this.sink.keepsSubjects = keepsSubjects;
    this.sink.answersWithinMs = answersWithinMs;
    const random: Random = { next: () => this.jitter(), fill: (bytes) => bytes };
    this.queue = createMemoryQueue({ kind: "memory", maxBytes: 1e9, ring: false }, ["default"], {
      clock,
      facts,
    });
    const retrying = { initialIntervalMs: 1_000, maxIntervalMs: 30_000, maxAgeMs };
    const settings = { retry: retrying, order };
    this.delivery = createDelivery(this.queue.reader("default"), this.sink, settings, {
      clock,
      random,
      facts,
      maskText,
    });
  }

  /** Appends one batch. Events are `key` + number, in order within a key; a plain string is an id of no key. */
  readonly append = async (...events: readonly (string | EventOfTest)[]): Promise<void> => {
    const built = events.map((event) => (typeof event === "string" ? keyed(event) : event));
    await this.queue.append(buildBatch(built, this.clock.now()));
  };

  readonly pending = (): Promise<number> => this.queue.reader("default").pending();

  readonly letters = (): Promise<readonly StoredDeadLetter[]> => this.queue.deadLetters(100_000);
}

/** `a1` is the first event of the subject `a`; `-1` has no subject. */
function keyed(id: string): EventOfTest {
  const subject = id.replace(/\d+$/, "");
  return subject === "-" ? { id } : { id, subject, ordered: true };
}
