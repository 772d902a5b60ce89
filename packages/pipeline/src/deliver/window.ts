import type { Segment } from "../contracts.ts";
import type { Ages } from "./age.ts";
import { Block, Entry } from "./entry.ts";
import { Fifo } from "./fifo.ts";

/** Events in memory with their bytes, at most. */
const MAX_LOADED_EVENTS = 8192;
/** Bytes of events in memory, at most; one take may go beyond it. */
const MAX_LOADED_BYTES = 16 * 1024 * 1024;
/** Events known at all, those included of which only sequence and key are kept. */
const MAX_KNOWN_EVENTS = 262_144;

/** Events of one key while some of them are sent or wait for another attempt. */
interface Lane {
  /** Events in flight or in retry; the lane is blocked while there are any. */
  held: number;
  /** Those that came after them; made when the first does, since most lanes never have one. */
  waiting: Fifo<Entry> | undefined;
  /** Whether it stands among the lanes to be served. */
  queued: boolean;
}

export interface FormLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** The batch under formation. */
export interface Forming {
  readonly events: number;
  readonly full: boolean;
  /** When its oldest event was taken from the queue, as elapsed time. */
  readonly sinceMs: number;
}

/** Which events keep their order: those of one user, those of one subject whatever it names, or none. */
export type WindowOrder = "users" | "subjects" | "none";

/**
 * The events between the queue and the sink: a bounded stretch of the log, out of which batches are formed.
 *
 * A batch gets the oldest events whose key is not held by events in flight or in retry. An event whose key is
 * held waits in that key's lane and holds up nothing else. When what is blocked fills the window, its bytes
 * are given up and read again when its turn comes.
 */
export class Window {
  readonly #order: WindowOrder;
  readonly #ages: Ages;
  readonly #lanes = new Map<number, Lane>();
  /** Lanes that were blocked and have events to send: they are older than what is ready. */
  readonly #released = new Fifo<{ readonly key: number; readonly lane: Lane }>();
  readonly #ready = new Fifo<Entry>();
  #forming: Entry[] = [];
  #formingBytes = 0;
  #loaded = 0;
  #loadedBytes = 0;
  #known = 0;

  constructor(order: WindowOrder, ages: Ages) {
    this.#order = order;
    this.#ages = ages;
  }

  /** Events taken and not finished. */
  get known(): number {
    return this.#known;
  }

  /** How many more events may be taken now. */
  get room(): number {
    if (this.#loadedBytes >= MAX_LOADED_BYTES) return 0;
    return Math.max(0, Math.min(MAX_LOADED_EVENTS - this.#loaded, MAX_KNOWN_EVENTS - this.#known));
  }

  /** True when blocked events fill the window: nothing can be sent, and nothing more be taken. */
  get cramped(): boolean {
    const idle = this.#forming.length === 0 && this.#ready.size === 0 && this.#released.size === 0;
    return idle && this.room === 0 && this.#known < MAX_KNOWN_EVENTS;
  }

  add(segments: readonly Segment[], nowMs: number): void {
    const anySubject = this.#order === "subjects";
    for (const { firstSequence, batch, indexes } of segments) {
      if (indexes.length === 0) continue;
      const block = new Block(batch, this.#ages.acceptedAt(batch.acceptedAtMs), nowMs);
      this.#hold(block, indexes.length);
      this.#known += indexes.length;
      for (const index of indexes) {
        const key = this.#order === "none" ? undefined : batch.orderKey(index, anySubject);
        this.#ready.push(new Entry(firstSequence + index, block, index, key));
      }
    }
  }

  /** Moves what may be sent into the batch under formation, as far as the limits allow. */
  form(limits: FormLimits): Forming {
    const full = this.#formReleased(limits) || this.#formReady(limits);
    const oldest = this.#forming[0];
    return {
      events: this.#forming.length,
      full: full || this.#forming.length >= limits.maxEvents,
      sinceMs: oldest?.block.takenAtMs ?? Number.POSITIVE_INFINITY,
    };
  }

  /** The batch that was formed; from now on its keys are held. */
  takeFormed({ maxEvents }: FormLimits): readonly Entry[] {
    const entries = this.#forming.slice(0, maxEvents);
    const rest = this.#forming.slice(maxEvents);
    this.#forming = [];
    this.#formingBytes = 0;
    for (const entry of entries) this.#holdKey(entry);
    // Lanes are served as they were released, and a batch goes by age.
    entries.sort((a, b) => a.sequence - b.sequence);
    // The sink takes fewer than it did when these were chosen.
    if (rest.length > 0) this.#unform(rest);
    return entries;
  }

  /**
   * Events whose turn has come and whose bytes were given up: they make a send of their own. Their keys are
   * held from now on.
   */
  takeUnloaded({ maxEvents }: FormLimits): readonly Entry[] | undefined {
    const first = this.#nextReleased();
    const waiting = first?.lane.waiting;
    if (waiting?.peek()?.loaded !== false) return undefined;
    const entries: Entry[] = [];
    while (entries.length < maxEvents && waiting.peek()?.loaded === false) {
      const entry = waiting.shift();
      if (entry === undefined) break;
      this.#holdKey(entry);
      entries.push(entry);
    }
    return entries;
  }

  /** Puts events back before all others of their key, which is held by what is sent again before them. */
  giveBack(entries: readonly Entry[]): void {
    for (const [key, list] of Map.groupBy(entries, (entry) => entry.key)) {
      if (key === undefined) continue;
      const lane = this.#lane(key);
      this.#putBefore(lane, list);
      this.#unhold(key, lane, list.length);
    }
  }

  /** Forgets an event that is settled, given up or gone. */
  finish(entry: Entry): void {
    this.#known -= 1;
    this.#unload(entry);
    if (entry.key === undefined) return;
    const lane = this.#lanes.get(entry.key);
    if (lane !== undefined) this.#unhold(entry.key, lane, 1);
  }

  /** Gives up the bytes of everything that waits behind a held key, and of `others`, until they are read again. */
  shed(others: Iterable<Entry>): void {
    for (const lane of this.#lanes.values()) {
      if (lane.held > 0) for (const entry of lane.waiting ?? []) this.#unload(entry);
    }
    for (const entry of others) this.#unload(entry);
  }

  /** Gives events their bytes again. Returns those that the queue no longer has. */
  restore(entries: readonly Entry[], segments: readonly Segment[], nowMs: number): readonly Entry[] {
    const missing = new Map<number, Entry>();
    for (const entry of entries) if (!entry.loaded) missing.set(entry.sequence, entry);
    for (const { firstSequence, batch, indexes } of segments) {
      const block = new Block(batch, this.#ages.acceptedAt(batch.acceptedAtMs), nowMs);
      let holders = 0;
      for (const index of indexes) {
        const entry = missing.get(firstSequence + index);
        if (entry === undefined) continue;
        missing.delete(entry.sequence);
        entry.block = block;
        entry.index = index;
        entry.loaded = true;
        holders += 1;
      }
      if (holders > 0) this.#hold(block, holders);
      else block.drop();
    }
    return [...missing.values()];
  }

  /** Takes out the events not yet sent that were accepted before that elapsed time; their keys are held then. */
  extractOlder(acceptedBeforeMs: number): readonly Entry[] {
    const old = (entry: Entry): boolean => entry.block.acceptedAtMs < acceptedBeforeMs;
    const out = this.#forming.filter(old);
    const rest = this.#forming.filter((entry) => !old(entry));
    this.#forming = [];
    this.#formingBytes = 0;
    this.#unform(rest);
    out.push(...this.#ready.extract(old));
    for (const lane of this.#lanes.values()) out.push(...(lane.waiting?.extract(old) ?? []));
    for (const entry of out) this.#holdKey(entry);
    return out.sort((a, b) => a.sequence - b.sequence);
  }

  /** True when the batch has no room for more bytes. */
  #formReleased({ maxEvents, maxBytes }: FormLimits): boolean {
    while (this.#forming.length < maxEvents) {
      const next = this.#nextReleased();
      if (next === undefined) return false;
      const { waiting } = next.lane;
      const entry = waiting?.peek();
      if (waiting === undefined || entry === undefined) {
        this.#released.shift();
        next.lane.queued = false;
        this.#lanes.delete(next.key);
        continue;
      }
      if (!entry.loaded) return false;
      if (!this.#fits(entry, maxBytes)) return true;
      waiting.shift();
      this.#append(entry);
    }
    return true;
  }

  #formReady({ maxEvents, maxBytes }: FormLimits): boolean {
    while (this.#forming.length < maxEvents) {
      const entry = this.#ready.peek();
      if (entry === undefined) return false;
      const lane = entry.key === undefined ? undefined : this.#lanes.get(entry.key);
      if (lane !== undefined) {
        waitingOf(lane).push(entry);
      } else {
        if (!this.#fits(entry, maxBytes)) return true;
        this.#append(entry);
      }
      this.#ready.shift();
    }
    return true;
  }

  /** The first lane that may be served; those that were held again since are left out. */
  #nextReleased(): { readonly key: number; readonly lane: Lane } | undefined {
    for (;;) {
      const next = this.#released.peek();
      if (next === undefined || next.lane.held === 0) return next;
      this.#released.shift();
      next.lane.queued = false;
    }
  }

  #fits(entry: Entry, maxBytes: number): boolean {
    return (
      this.#forming.length === 0 || this.#formingBytes + entry.batch.eventLength(entry.index) <= maxBytes
    );
  }

  #append(entry: Entry): void {
    this.#forming.push(entry);
    this.#formingBytes += entry.batch.eventLength(entry.index);
  }

  /** Undoes the choice of these events: back to where they came from, before what came after them. */
  #unform(entries: readonly Entry[]): void {
    const ready: Entry[] = [];
    for (const [key, list] of Map.groupBy(entries, (entry) => entry.key)) {
      const lane = key === undefined ? undefined : this.#lanes.get(key);
      if (lane === undefined) ready.push(...list);
      else this.#putBefore(lane, list);
    }
    this.#ready.putBack(ready.sort((a, b) => a.sequence - b.sequence));
  }

  /** In a lane, what has no bytes stands before what has them: it is sent apart. */
  #putBefore(lane: Lane, entries: readonly Entry[]): void {
    const waiting = waitingOf(lane);
    if (waiting.peek()?.loaded === false) for (const entry of entries) this.#unload(entry);
    waiting.putBack(entries);
  }

  #lane(key: number): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { held: 0, waiting: undefined, queued: false };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #holdKey({ key }: Entry): void {
    if (key !== undefined) this.#lane(key).held += 1;
  }

  #unhold(key: number, lane: Lane, events: number): void {
    lane.held -= events;
    if (lane.held > 0) return;
    if (lane.waiting !== undefined && lane.waiting.size > 0) {
      if (!lane.queued) this.#released.push({ key, lane });
      lane.queued = true;
    } else if (!lane.queued) {
      this.#lanes.delete(key);
    }
  }

  #hold(block: Block, holders: number): void {
    block.holders = holders;
    this.#loaded += holders;
    this.#loadedBytes += block.bytes;
  }

  #unload(entry: Entry): void {
    if (!entry.loaded) return;
    entry.loaded = false;
    this.#loaded -= 1;
    const { block } = entry;
    block.holders -= 1;
    if (block.holders > 0) return;
    this.#loadedBytes -= block.bytes;
    block.drop();
  }
}

function waitingOf(lane: Lane): Fifo<Entry> {
  lane.waiting ??= new Fifo();
  return lane.waiting;
}
