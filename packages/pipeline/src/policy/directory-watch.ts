/**
 * Waits for changes of a folder: told by the system where it tells, and looked for where it does not (network file
 * systems, an exchanged link, a folder that is not there yet).
 */
import { type FSWatcher, watch } from "node:fs";
import type { Clock } from "../contracts.ts";
import { type Fingerprint, isSameFingerprint, listChanges } from "./fingerprint.ts";
import { PendingChanges } from "./pending-changes.ts";

/**
 * How often the folder is looked at. With the time it must be still and what loading takes, a change is in force
 * within a second (semantics, section 9).
 */
const POLL_MS = 200;
/** As soon after it was told of a change it looks, so that a thousand writes are not a thousand looks. */
const TOLD_MS = 40;
/**
 * A file that never is still is loaded again after so many times what the last load took, which is long on a machine
 * without time; but within some bound.
 */
const PAUSE_FACTOR = 4;
const MAX_PAUSE_MS = 1_500;
/** What failed for a reason that is not in the files is tried again after so long. */
const RETRY_MS = 5_000;

export interface WatchPorts {
  readonly clock: Clock;
  /** What tells one state of the folder from another. */
  readonly fingerprint: () => Promise<Fingerprint>;
  /**
   * Loads the folder, which is in the given state, and takes what it finds there even if that `isRestless`, that is may
   * change all the while. Resolves to `changed` when the folder that should have been still has another state by now,
   * and to `failed` when it should be tried again though nothing changes.
   */
  readonly load: (state: Fingerprint, isRestless: boolean) => Promise<"loaded" | "changed" | "failed">;
}

export class DirectoryWatch {
  readonly #dir: string;
  readonly #ports: WatchPorts;
  readonly #pending = new PendingChanges();
  /** The state that was loaded last, whether or not it took force. */
  #loaded: Fingerprint;
  /** The state seen last. */
  #seen: Fingerprint;
  #isChanged = false;
  #retryAtMs = Number.POSITIVE_INFINITY;
  /** Until then nothing is loaded that changes all the while. */
  #pauseUntilMs = 0;
  #nextLookMs = 0;
  /** What the last look took. */
  #lookMs = 0;
  #cancel: () => void = () => {};
  #watcher: FSWatcher | undefined;
  #isLooking = false;
  #isClosed = false;

  /** @param fingerprint the state of the folder that is loaded already */
  constructor(dir: string, fingerprint: Fingerprint, ports: WatchPorts) {
    this.#dir = dir;
    this.#ports = ports;
    this.#loaded = fingerprint;
    this.#seen = fingerprint;
    this.#listen();
    this.#lookIn(POLL_MS);
  }

  /** Looks no more; a load that is under way goes on. */
  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#watcher?.close();
  }

  #lookIn(delayMs: number): void {
    this.#cancel();
    if (this.#isClosed) return;
    const { clock } = this.#ports;
    // A folder of thousands of files takes no more than half of the time.
    const waitMs = Math.max(delayMs, this.#lookMs);
    this.#nextLookMs = clock.elapsed() + waitMs;
    this.#cancel = clock.schedule(waitMs, () => void this.#look());
  }

  #lookSoon(): void {
    // Never later than without: a folder that is written to all the time tells more often than that.
    const atMs = this.#ports.clock.elapsed() + Math.max(TOLD_MS, this.#lookMs);
    if (!this.#isLooking && atMs < this.#nextLookMs) this.#lookIn(TOLD_MS);
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    const restMs = await this.#loadIfDue();
    this.#isLooking = false;
    this.#lookIn(Math.min(restMs, POLL_MS));
  }

  /** Resolves to how long it should be waited before the next look, at most. */
  async #loadIfDue(): Promise<number> {
    const { clock, load } = this.#ports;
    await this.#see();
    const now = clock.elapsed();
    const isDue = this.#isChanged || now >= this.#retryAtMs;
    if (!isDue || this.#isClosed) return POLL_MS;
    const pauseMs = this.#pending.hasStill(now) ? 0 : this.#pauseUntilMs - now;
    const restMs = Math.max(this.#pending.restMs(now), pauseMs);
    if (restMs > 0) return restMs;

    const state = this.#seen;
    const isRestless = this.#pending.isRestless(now);
    const outcome = await load(state, isRestless);
    const end = clock.elapsed();
    this.#retryAtMs = outcome === "failed" ? end + RETRY_MS : Number.POSITIVE_INFINITY;
    if (outcome === "changed") return 0;
    this.#pauseUntilMs = isRestless ? end + Math.min((end - now) * PAUSE_FACTOR, MAX_PAUSE_MS) : 0;
    this.#loaded = state;
    this.#isChanged = false;
    this.#pending.clear();
    return POLL_MS;
  }

  async #see(): Promise<void> {
    const { clock, fingerprint } = this.#ports;
    const begin = clock.elapsed();
    const state = await fingerprint();
    const now = clock.elapsed();
    this.#lookMs = now - begin;
    const changes = listChanges(this.#seen, state);
    if (changes.length === 0) return;
    this.#seen = state;
    this.#isChanged = !isSameFingerprint(state, this.#loaded);
    if (this.#isChanged) this.#pending.note(changes, now);
    else this.#pending.clear();
    // An exchanged folder is another one to the system.
    this.#listen();
  }

  /** Looking does without it, only later: what cannot be watched is no error. */
  #listen(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    if (this.#isClosed) return;
    try {
      this.#watcher = watch(this.#dir, { persistent: false }, () => this.#lookSoon());
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      // The folder is not there, or there are no watches left.
    }
  }
}
