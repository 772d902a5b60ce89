/**
 * Delivery: from one reader of the queue to one sink.
 *
 *     take -> window -> form a batch -> send -> sort the outcomes -> settle, or keep as a dead letter
 *                                        ^              |
 *                                        +-- schedule <-+
 *
 * Invariants: an event is settled only after the sink took it or a dead letter holds it. An event with an
 * order key is sent only when no event before it of that key is in flight or waits for another attempt.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  Clock,
  FactRecorder,
  Flushed,
  Outcome,
  QueueReader,
  Random,
  Segment,
  SequenceRange,
  Sink,
  SinkHealth,
} from "./contracts.ts";
import { Ages } from "./deliver/age.ts";
import { Alarm } from "./deliver/alarm.ts";
import { callSink } from "./deliver/call-sink.ts";
import { Circuit } from "./deliver/circuit.ts";
import { type Entry, firstShipment, type Shipment } from "./deliver/entry.ts";
import { FlushGoal, FlushGoals } from "./deliver/flush-goal.ts";
import { Journal } from "./deliver/journal.ts";
import { judgeSend } from "./deliver/judge-send.ts";
import { countUpTo, toRanges } from "./deliver/ranges.ts";
import { cutToFit, reload } from "./deliver/reload.ts";
import { Schedule } from "./deliver/schedule.ts";
import { Settlement, type Tracked } from "./deliver/settlement.ts";
import { followSilence } from "./deliver/silence.ts";
import { sortOutcomes } from "./deliver/sort-outcomes.ts";
import { TimeLimit } from "./deliver/time-limit.ts";
import { Window } from "./deliver/window.ts";
import { expiry, type Verdict, writeLetter } from "./deliver/write-letter.ts";
import type { RetrySettings } from "./settings.ts";

/** What one take asks for: enough to fill batches, little enough to be handled within a turn. */
const TAKE = { maxEvents: 1024, maxBytes: 2 * 1024 * 1024 } as const;
/** How long a stop waits, after its deadline, for sends that it has aborted, for the queue and for the sink. */
const STOP_GRACE_MS = 2_000;

export interface DeliverySettings {
  readonly retry: RetrySettings;
  /** `subject`: events of one order key are delivered in order. */
  readonly order: "subject" | "none";
}

export interface DeliveryPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly facts: FactRecorder;
  /** Masks what a receiver says before it is kept with a dead letter: it may quote what it was sent. */
  readonly maskText?: ((text: string) => string) | undefined;
}

/** One sink being delivered to. */
export interface Delivery {
  /** Begins to take from the queue. */
  start(): void;
  /** Delivers what is in the queue now, without waiting for batches to fill; ends after `deadlineMs` at the latest. */
  flush(deadlineMs: number): Promise<Flushed>;
  /** Flushes, then ends: what was not delivered stays in the queue. */
  stop(deadlineMs: number): Promise<Flushed>;
  health(): SinkHealth;
}

/** Puts a reader and its sink together; nothing happens before {@link Delivery.start}. */
export function createDelivery(
  reader: QueueReader,
  sink: Sink,
  settings: DeliverySettings,
  ports: DeliveryPorts,
): Delivery {
  return new SinkDelivery(reader, sink, settings, ports);
}

class SinkDelivery implements Delivery {
  readonly #reader: QueueReader;
  readonly #sink: Sink;
  readonly #retry: RetrySettings;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #ages: Ages;
  readonly #window: Window;
  readonly #circuit: Circuit;
  readonly #schedule: Schedule;
  readonly #settlement: Settlement;
  readonly #alarm: Alarm;
  readonly #maskText: (text: string) => string;
  readonly #followSilence: () => void;
  readonly #goals = new FlushGoals();
  readonly #ending = new AbortController();
  #inFlight = 0;
  #onQuiet: (() => void) | undefined;
  #onRoom: (() => void) | undefined;
  /** Events taken that the queue does not know to be settled. */
  #unsettled = 0;
  #lastTaken = -1;
  #started = false;
  #expiring = false;
  #stopped: Promise<Flushed> | undefined;

  constructor(reader: QueueReader, sink: Sink, settings: DeliverySettings, ports: DeliveryPorts) {
    this.#reader = reader;
    this.#sink = sink;
    this.#retry = settings.retry;
    this.#clock = ports.clock;
    this.#journal = new Journal(ports.facts, sink.name);
    this.#ages = new Ages(ports.clock);
    const order = sink.keepsSubjects === true ? "subjects" : "users";
    this.#window = new Window(settings.order === "none" ? "none" : order, this.#ages);
    this.#circuit = new Circuit(sink.name, settings.retry, ports.random, sink.answersWithinMs);
    this.#followSilence = followSilence(this.#circuit, sink, this.#journal, ports.clock, this.#ending.signal);
    this.#schedule = new Schedule(settings.retry, ports.random);
    this.#settlement = new Settlement(reader, ports.clock, this.#journal, (ranges) => this.#settling(ranges));
    this.#maskText = ports.maskText ?? ((text) => text);
    this.#alarm = new Alarm(ports.clock, () => this.#pump());
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    void this.#takeAll();
  }

  health(): SinkHealth {
    return this.#circuit.health(this.#clock);
  }

  async flush(deadlineMs: number): Promise<Flushed> {
    const goal = new FlushGoal(this.#unsettled, this.#lastTaken, this.#clock.elapsed() + deadlineMs);
    this.#goals.add(goal);
    const limit = new TimeLimit(this.#clock, deadlineMs);
    try {
      const pending = await limit.wait(this.#reader.pending());
      if (pending === undefined) return { remaining: this.#unsettled };
      goal.begin(pending);
      this.#circuit.hasten();
      this.#pump();
      await limit.wait(goal.done.then(() => this.#settlement.idle()));
    } finally {
      limit.cancel();
      this.#goals.delete(goal);
    }
    return { remaining: goal.remaining };
  }

  stop(deadlineMs: number): Promise<Flushed> {
    this.#stopped ??= this.#stop(deadlineMs);
    return this.#stopped;
  }

  async #stop(deadlineMs: number): Promise<Flushed> {
    // A queue that fails must not keep the sink from being closed.
    if (this.#started) await this.flush(deadlineMs).catch((error) => this.#journal.failed("flush", error));
    this.#ending.abort();
    this.#alarm.set(Number.POSITIVE_INFINITY);
    this.#onRoom?.();
    const limit = new TimeLimit(this.#clock, STOP_GRACE_MS);
    if (this.#inFlight > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onQuiet = resolve;
      await limit.wait(promise);
    }
    const closing = this.#sink.close().catch((error) => this.#journal.failed("close", error));
    // A full disk takes nothing and does not say so; what it was told is delivered again after a restart.
    await limit.wait(Promise.all([closing, this.#settlement.idle()]));
    const { told, waiting } = this.#settlement;
    this.#journal.abandoned(told + waiting);
    const pending = await limit.wait(this.#reader.pending().catch(() => undefined));
    limit.cancel();
    return { remaining: (pending ?? this.#unsettled) + told };
  }

  /** Takes from the queue as long as there is room, until the end. */
  async #takeAll(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const maxEvents = Math.min(TAKE.maxEvents, this.#window.room);
      if (maxEvents === 0) {
        await new Promise<void>((resolve) => {
          this.#onRoom = resolve;
        });
        continue;
      }
      try {
        const segments = await this.#reader.take({ ...TAKE, maxEvents }, signal);
        if (segments.length === 0) return;
        this.#taken(segments);
      } catch (error) {
        this.#journal.failed("take", error);
        await new Promise<void>((resolve) => {
          this.#clock.schedule(this.#retry.initialIntervalMs, resolve);
        });
      }
      // A queue in memory answers within the turn; others have to get theirs.
      await nextTurn();
    }
  }

  #taken(segments: readonly Segment[]): void {
    this.#ages.note();
    this.#window.add(segments, this.#clock.elapsed());
    for (const { firstSequence, indexes } of segments) {
      this.#unsettled += indexes.length;
      this.#lastTaken = firstSequence + (indexes.at(-1) ?? 0);
    }
    this.#goals.onTaken(segments);
    const beforeMs = this.#clock.elapsed() - this.#retry.maxAgeMs;
    const isOld = segments.some(({ batch }) => this.#ages.acceptedAt(batch.acceptedAtMs) < beforeMs);
    if (isOld && this.#circuit.expires) void this.#expire();
    this.#pump();
  }

  /** Follows the queue while it is told that these are done. */
  #settling(ranges: readonly SequenceRange[]): Tracked {
    const count = countUpTo(ranges, Number.POSITIVE_INFINITY);
    const settled = this.#goals.settling();
    this.#unsettled -= count;
    return {
      committed: () => settled(ranges),
      failed: () => {
        this.#unsettled += count;
      },
    };
  }

  /** Starts all that may start now, and wakes up when something more may. */
  #pump(): void {
    if (this.#ending.signal.aborted) return;
    this.#ages.note();
    const now = this.#clock.elapsed();
    while (this.#inFlight < this.#sink.maxInFlight && this.#circuit.admitsAtMs <= now) {
      const shipment = this.#next(now);
      if (shipment === undefined) break;
      void this.#dispatch(shipment, now);
    }
    const idle = this.#inFlight < this.#sink.maxInFlight;
    if (idle && this.#window.cramped) this.#window.shed(this.#schedule.delayed());
    if (this.#window.room > 0) this.#onRoom?.();
    if (idle) this.#alarm.set(this.#nextAtMs(now));
    if (this.#inFlight === 0) this.#goals.onHeldUntil(this.#circuit.heldUntilMs);
  }

  /** What is sent next, if anything may be sent at this time. */
  #next(now: number): Shipment | undefined {
    const fresh = this.#circuit.prefersFresh ? this.#formed(now) : undefined;
    if (fresh !== undefined) return fresh;
    for (;;) {
      const shipment = this.#schedule.next(now) ?? this.#unloaded();
      if (shipment === undefined) return this.#formed(now);
      if (shipment.entries.every(({ loaded }) => loaded)) return shipment;
      void this.#load(shipment);
    }
  }

  #unloaded(): Shipment | undefined {
    const entries = this.#window.takeUnloaded(this.#limits);
    return entries === undefined ? undefined : firstShipment(entries);
  }

  /** The batch under formation, when it is full, has waited long enough, or shall not wait. */
  #formed(now: number): Shipment | undefined {
    const limits = this.#limits;
    const { events, full, sinceMs } = this.#window.form(limits);
    if (events === 0) return undefined;
    const waits = this.#mayFill && sinceMs + this.#sink.flushIntervalMs > now;
    return full || !waits ? firstShipment(this.#window.takeFormed(limits)) : undefined;
  }

  /** Whether a batch that is not full should wait: nothing hurries, and there is room for what would fill it. */
  get #mayFill(): boolean {
    return this.#circuit.closed && this.#goals.size === 0 && this.#window.room > 0;
  }

  get #limits(): { maxEvents: number; maxBytes: number } {
    return { maxEvents: this.#sink.maxEventsPerSend, maxBytes: this.#sink.maxBytesPerSend };
  }

  /** When something may be sent next, as elapsed time; infinity when only a call can tell. */
  #nextAtMs(now: number): number {
    const { events, sinceMs } = this.#window.form(this.#limits);
    const formedAtMs =
      events === 0 ? Number.POSITIVE_INFINITY : this.#mayFill ? sinceMs + this.#sink.flushIntervalMs : now;
    return Math.max(this.#circuit.admitsAtMs, Math.min(this.#schedule.nextAtMs, formedAtMs));
  }

  async #dispatch(shipment: Shipment, startedMs: number): Promise<void> {
    this.#inFlight += 1;
    const probe = this.#circuit.started(startedMs);
    this.#followSilence();
    const outcomes = await callSink(this.#sink, shipment.entries, this.#ending.signal, this.#journal);
    this.#inFlight -= 1;
    const now = this.#clock.elapsed();
    this.#journal.sent(now - startedMs);
    this.#complete({ ...shipment, attempts: shipment.attempts + 1 }, outcomes, probe, now);
    if (this.#inFlight === 0) this.#onQuiet?.();
    this.#pump();
  }

  #complete(shipment: Shipment, outcomes: readonly Outcome[], probe: boolean, now: number): void {
    // What fails once may fare better as it is. A sink that is down takes nothing, however small, but may only seem
    // to be down because of what it is sent: its probes are cut, no more.
    const halveRetried = shipment.attempts > 1 && (this.#circuit.closed || probe);
    const sorted = sortOutcomes(shipment.entries, outcomes, halveRetried);
    const change = judgeSend(this.#circuit, sorted, shipment, probe, now);
    if (sorted.delivered.length > 0) {
      this.#settlement.settle(sorted.delivered.map(({ sequence }) => sequence));
      for (const entry of sorted.delivered) this.#window.finish(entry);
      this.#journal.delivered(sorted.delivered.length);
    }
    for (const { entry, outcome } of sorted.dead) {
      const { reason, detail, status: lastStatus } = outcome;
      this.#bury([entry], { reason, detail, attempts: shipment.attempts, lastStatus });
    }
    for (const { entries, why } of sorted.again) {
      const lastReason = why.kind === "rejected" ? why.detail : why.reason;
      const next = { ...shipment, entries, lastStatus: why.status, lastReason, dueAtMs: 0 };
      if (why.kind !== "retry") {
        this.#schedule.sendNext(next);
        continue;
      }
      this.#journal.retried(entries.length, lastReason);
      // The circuit backs off already. The next probes are the halves, so that one that the sink takes is soon found.
      const wait = probe && sorted.halved ? "at once" : why.afterMs;
      this.#bury(this.#schedule.retry(next, wait, now), expiry(next, lastReason));
    }
    this.#window.giveBack(sorted.returned);
    if (probe && this.#circuit.expires) void this.#expire();
    // What a stop aborts says nothing about the sink.
    if (!this.#ending.signal.aborted) this.#journal.changed(change, this.#circuit.explain(this.#clock));
  }

  /**
   * Keeps what got too old while the sink was failing or parked as dead letters, tried or not, and goes on with
   * what is taken in its place. The next round waits for the queue, so that no more is in memory than usual.
   */
  async #expire(): Promise<void> {
    if (this.#expiring) return;
    this.#expiring = true;
    while (this.#circuit.expires && (await this.#buryOld())) this.#pump();
    this.#expiring = false;
    this.#pump();
  }

  /** True when there may be more. */
  async #buryOld(): Promise<boolean> {
    const beforeMs = this.#clock.elapsed() - this.#retry.maxAgeMs;
    const fresh = firstShipment(this.#window.extractOlder(beforeMs));
    const old = [...this.#schedule.extractOlder(beforeMs), fresh].filter(({ entries }) => entries.length > 0);
    let failed = false;
    for (const shipment of old) {
      const present = await this.#restore(shipment);
      if (present === undefined) failed = true;
      else this.#bury(present, expiry(shipment, this.#circuit.reason));
    }
    await this.#settlement.idle();
    return old.length > 0 && !failed && this.#settlement.done && !this.#ending.signal.aborted;
  }

  /** Reads what has to be read before it can be sent. */
  async #load(shipment: Shipment): Promise<void> {
    const present = await this.#restore(shipment);
    if (present !== undefined) {
      const { kept, returned } = cutToFit(present, this.#sink.maxBytesPerSend);
      for (const entries of kept) if (entries.length > 0) this.#schedule.sendNext({ ...shipment, entries });
      this.#window.giveBack(returned);
    }
    this.#pump();
  }

  /** The events of a shipment that are still there, with their bytes; scheduled for later when that fails. */
  async #restore(shipment: Shipment): Promise<readonly Entry[] | undefined> {
    const now = this.#clock.elapsed();
    try {
      const { present, gone } = await reload(shipment.entries, this.#reader, this.#window, now);
      if (gone.length > 0) this.#settling(toRanges(gone)).committed();
      return present;
    } catch (error) {
      this.#journal.failed("reread", error);
      this.#schedule.postpone(shipment, this.#clock.elapsed());
      return undefined;
    }
  }

  #bury(entries: readonly Entry[], verdict: Verdict): void {
    if (entries.length === 0) return;
    const atMs = this.#clock.now();
    const masked = { ...verdict, detail: this.#maskText(verdict.detail) };
    this.#settlement.bury(entries.map((entry) => writeLetter(entry, masked, atMs)));
    for (const entry of entries) this.#window.finish(entry);
    this.#journal.buried(entries.length, masked);
  }
}
