/**
 * The thread of a disk queue: it commits in groups and reads. All that has arrived when a group begins is in
 * it, and what arrives during its sync forms the next one, so that the number of syncs follows the disk and
 * not the number of senders.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { freeBytes } from "../free-bytes.ts";
import { batchCost, refuseFailed } from "./admission.ts";
import { openDirectory, type QueueDirectory } from "./disk-directory.ts";
import type { Answer, Append, DiskThreadStart, Question, Reply, Request } from "./disk-protocol.ts";
import { DiskStore } from "./disk-store.ts";
import type { CommitResult, SetRowAside } from "./disk-store-ports.ts";
import { explain, isDamage, isFull } from "./sqlite-error.ts";

/** What a commit without appends comes to. */
const NOTHING: CommitResult = { outcomes: [], evicted: 0, lettersEvicted: 0 };

/** A transaction holds this much, or one batch: until the next checkpoint it is on the disk twice. */
const GROUP_BYTES = 16 * 1024 * 1024;
/**
 * A group that begins this soon after the last one waits a little for more of them: a disk that syncs fast
 * would otherwise cost a transaction a batch. The first after a pause goes at once, and so does one that is
 * large enough to be worth its sync.
 */
const GATHER_WITHIN_MS = 4;
const GATHER_MS = 2;
const GATHER_APPENDS = 8;
const GATHER_BYTES = 1024 * 1024;
/** A commit without appends that failed is tried again after this. */
const RETRY_MS = 1_000;
/** After appends failed the disk is tried this often: senders that are told to wait would not try it. */
const PROBE_MS = 5_000;

class DiskThread {
  readonly #port: MessagePort;
  readonly #directory: QueueDirectory;
  readonly #store: DiskStore;
  #appends: Append[] = [];
  #appendBytes = 0;
  /** The id of the last work taken in. */
  #taken = 0;
  /** The id of the last work whose settlements and dead letters are durable. */
  #settledThrough = 0;
  #committedAt = Number.NEGATIVE_INFINITY;
  readonly #sleep = new Int32Array(new SharedArrayBuffer(4));
  #closing = false;
  #ended = false;
  #retry: NodeJS.Timeout | undefined;
  #probe: NodeJS.Timeout | undefined;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(port: MessagePort, { settings, readers }: DiskThreadStart) {
    this.#port = port;
    const open = (): { directory: QueueDirectory; store: DiskStore } => {
      const report = (detail: string): void => this.#reply({ kind: "damaged", detail });
      const directory = openDirectory(settings.dir, settings.durability, report);
      for (const detail of directory.damage) report(detail);
      if (directory.exposure !== undefined) this.#reply({ kind: "exposed", detail: directory.exposure });
      try {
        const setRowAside: SetRowAside = (...row) => this.#setRowAside(...row);
        const { maxBytes, ring, lettersGiveWay = false } = settings;
        const { database, hasLostCommits, isReplacement } = directory;
        // In microseconds since the epoch: beyond the sequences of any store that took less than an event in each.
        const beginAt = isReplacement ? Date.now() * 1_000 : 0;
        const { measureRoom } = directory;
        const limits = { maxBytes, ring, lettersGiveWay };
        const releaseReserve = (): void => directory.reserve.release();
        const room = { measureRoom, releaseReserve };
        const options = { ...limits, ...room, readers, hasLostCommits, beginAt, setRowAside };
        return { directory, store: new DiskStore(database, options) };
      } catch (error) {
        if (isDamage(error)) directory.markDamaged();
        directory.close();
        throw error;
      }
    };
    const { directory, store } = openTwice(open);
    this.#directory = directory;
    this.#store = store;
    this.#reply({
      kind: "opened",
      end: this.#store.end,
      bytes: this.#store.bytes,
      newestCost: this.#store.newestCost(),
      readers: this.#store.readerStates(),
      waiting: this.#store.waiting(),
    });
  }

  start(): void {
    this.#port.on("message", (request: Request) => this.#turn(request));
    this.#sweep();
  }

  /** One turn: all requests that are there, then one group. */
  #turn(request: Request): void {
    if (this.#ended) return;
    try {
      this.#receive(request);
      this.#drain();
      if (this.#isWorthWaiting()) {
        Atomics.wait(this.#sleep, 0, 0, GATHER_MS);
        this.#drain();
      }
      this.#commit();
      if (this.#closing) this.#close();
      else this.#maintain();
    } catch (error) {
      this.#fail(error);
    }
  }

  #drain(): void {
    while (this.#appendBytes < GROUP_BYTES && !this.#closing) {
      const next: { message: Request } | undefined = receiveMessageOnPort(this.#port);
      if (next === undefined) return;
      this.#receive(next.message);
    }
  }

  #isWorthWaiting(): boolean {
    const isSmall = this.#appends.length < GATHER_APPENDS && this.#appendBytes < GATHER_BYTES;
    const isLone = performance.now() - this.#committedAt > GATHER_WITHIN_MS;
    return this.#appends.length > 0 && isSmall && !isLone && !this.#closing;
  }

  #receive(request: Request): void {
    if (request.kind === "close") {
      this.#closing = true;
    } else if (request.kind === "work") {
      for (const append of request.appends) {
        this.#appends.push(append);
        this.#appendBytes += append.buffer.byteLength;
      }
      this.#store.settle(request.settlements, request.burials);
      this.#taken = request.id;
    } else {
      this.#answer(request);
    }
  }

  #answer(question: Question): void {
    const { id } = question;
    try {
      const answer = this.#ask(question);
      const transfer = answer.batches?.map(({ bytes }) => bytes.buffer) ?? [];
      this.#reply({ kind: "answer", id, ...answer }, transfer);
    } catch (error) {
      // Damage ends the queue, which answers everyone.
      if (isDamage(error)) throw error;
      this.#reply({ kind: "answer", id, error: explain(error) });
    }
  }

  #ask(question: Question): Omit<Answer, "kind" | "id"> {
    switch (question.kind) {
      case "load":
        return this.#store.load(question.from, question.maxBytes);
      case "fetch":
        return { batches: this.#store.fetch(question.ranges) };
      case "letters":
        return { letters: this.#store.letters(question.limit) };
      case "stats":
        return { stats: this.#store.stats() };
    }
  }

  /** Commits the group. When that fails its appends are refused, and what was settled is tried without them. */
  #commit(): void {
    const appends = this.#appends;
    if (appends.length === 0 && !this.#store.dirty && this.#taken === this.#settledThrough) return;
    this.#appends = [];
    this.#appendBytes = 0;
    const startedAt = performance.now();
    try {
      this.#committed(this.#store.commit(appends), startedAt);
      freeLeft(appends);
    } catch (error) {
      if (isDamage(error)) throw error;
      if (appends.length > 0) {
        this.#refuse(appends, error);
        this.#commit();
      } else if (!isFull(error) || !this.#commitSparingly()) {
        this.#reply({ kind: "failing", detail: explain(error) });
        clearTimeout(this.#retry);
        this.#retry = setTimeout(() => this.#again(), RETRY_MS);
      }
    }
  }

  /** On a full disk; false when there is no room even so. */
  #commitSparingly(): boolean {
    try {
      this.#store.commitSparingly();
    } catch (error) {
      if (isDamage(error)) throw error;
      this.#directory.reserve.release();
      // What was noted before makes room when it is deleted.
      this.#sweepLater();
      return false;
    }
    this.#committed(NOTHING, performance.now());
    this.#sweepLater();
    return true;
  }

  #committed(result: CommitResult, startedAt: number): void {
    this.#settledThrough = this.#taken;
    this.#committedAt = performance.now();
    if (result.outcomes.length > 0) clearTimeout(this.#probe);
    this.#replyOutcomes(result, this.#committedAt - startedAt);
  }

  #refuse(appends: readonly Append[], error: unknown): void {
    const refused = refuseFailed(`the queue could not be written: ${explain(error)}`);
    const outcomes = appends.map(({ buffer }) => ({ refused, cost: batchCost(buffer.byteLength) }));
    this.#replyOutcomes({ ...NOTHING, outcomes }, 0);
    const largest = appends.reduce((size, { buffer }) => Math.max(size, buffer.byteLength), 0);
    this.#probeLater(largest);
    freeLeft(appends);
  }

  #probeLater(bytes: number): void {
    clearTimeout(this.#probe);
    this.#probe = setTimeout(() => this.#tryDisk(bytes), PROBE_MS);
  }

  #tryDisk(bytes: number): void {
    if (this.#ended) return;
    try {
      this.#store.probe(bytes);
      this.#directory.reserve.take();
      this.#replyOutcomes(NOTHING, 0);
      this.#reply({ kind: "writable" });
    } catch (error) {
      if (isDamage(error)) this.#fail(error);
      else this.#probeLater(bytes);
    }
  }

  #replyOutcomes(result: CommitResult, durationMs: number): void {
    const transfer: ArrayBuffer[] = [];
    for (const outcome of result.outcomes) {
      if ("first" in outcome && outcome.buffer !== undefined) transfer.push(outcome.buffer);
    }
    const { end, bytes } = this.#store;
    const settledThrough = this.#settledThrough;
    // Those as well that went for an append that was refused after all.
    const lettersEvicted = result.lettersEvicted + this.#store.takeGone();
    this.#reply(
      { kind: "committed", ...result, lettersEvicted, settledThrough, end, bytes, durationMs },
      transfer,
    );
  }

  #again(): void {
    if (this.#ended) return;
    try {
      this.#commit();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** After the answers are out: what commits do not wait for. */
  #maintain(): void {
    try {
      this.#store.maintain();
    } catch (error) {
      if (isDamage(error)) throw error;
      this.#reply({ kind: "failing", detail: explain(error) });
    }
  }

  #sweep(): void {
    if (this.#ended) return;
    try {
      if (!this.#store.sweep()) return;
      this.#replyOutcomes(NOTHING, 0);
      this.#sweepLater();
    } catch (error) {
      if (isDamage(error)) {
        this.#fail(error);
        return;
      }
      this.#directory.reserve.release();
      this.#reply({ kind: "failing", detail: explain(error) });
      clearTimeout(this.#sweeping);
      this.#sweeping = setTimeout(() => this.#sweep(), RETRY_MS);
    }
  }

  #sweepLater(): void {
    clearTimeout(this.#sweeping);
    this.#sweeping = setTimeout(() => this.#sweep(), 0);
  }

  #setRowAside(...[kind, key, bytes]: Parameters<SetRowAside>): void {
    const file = this.#directory.setRowAside(kind, key, bytes);
    const what = kind === "batch" ? "batch" : "dead letter";
    this.#reply({
      kind: "damaged",
      detail: `the stored ${what} at ${key} is damaged; it is kept as ${file}, and left out`,
    });
  }

  #close(): void {
    this.#end(() => this.#reply({ kind: "closed" }));
  }

  #fail(error: unknown): void {
    this.#end(() => {
      if (isDamage(error)) this.#directory.markDamaged();
      this.#reply(fatal(error));
    });
  }

  #end(last: () => void): void {
    this.#ended = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#probe);
    clearTimeout(this.#sweeping);
    try {
      this.#directory.close();
    } finally {
      last();
      this.#port.close();
    }
  }

  #reply(message: Reply, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

/** Frees the batches that did not go back: those that were refused, and all when no reader takes them from memory. */
function freeLeft(appends: readonly Append[]): void {
  for (const { buffer } of appends) if (!buffer.detached) freeBytes(new Uint8Array(buffer));
}

/** Opens; when damage came to light only after the files were open, the second time sets them aside. */
function openTwice<Result>(open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    if (!isDamage(error)) throw error;
    return open();
  }
}

function fatal(error: unknown): Reply {
  const name = error instanceof Error ? error.name : "Error";
  return { kind: "fatal", name, error: explain(error) };
}

if (parentPort !== null) {
  const start: DiskThreadStart = workerData;
  try {
    new DiskThread(parentPort, start).start();
  } catch (error) {
    parentPort.postMessage(fatal(error));
    parentPort.close();
  }
}
