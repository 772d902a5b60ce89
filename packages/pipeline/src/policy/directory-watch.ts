/**
 * Waits for changes of a folder: told by the system where it tells, and looked for where it does not (network file
 * systems, an exchanged link, a folder that is not there yet).
 */
import { type FSWatcher, watch } from "node:fs";
import type { Clock } from "../contracts.ts";

/**
 * How often the folder is looked at. With the time it must be still and what loading takes, a change is in force
 * within a second (semantics, section 9).
 */
const POLL_MS = 200;
/** Whoever writes several files, or one in pieces, is not done before nothing has changed for so long. */
const STILL_MS = 200;
/** What failed for a reason that is not in the files is tried again after so long. */
const RETRY_MS = 5_000;

export interface WatchPorts {
  readonly clock: Clock;
  /** What tells one state of the folder from another. */
  readonly fingerprint: () => Promise<string>;
  /**
   * Loads the folder, which has been still, in the given state. Resolves to `changed` when it has another one by now,
   * and to `failed` when it should be tried again though nothing changes.
   */
  readonly load: (state: string) => Promise<"loaded" | "changed" | "failed">;
}

export class DirectoryWatch {
  readonly #dir: string;
  readonly #ports: WatchPorts;
  /** The state that was loaded last, whether or not it took force. */
  #loaded: string;
  /** The state seen last, and since when. */
  #seen: string;
  #seenAtMs: number;
  #retryAtMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};
  #watcher: FSWatcher | undefined;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  /** @param fingerprint the state of the folder that is loaded already */
  constructor(dir: string, fingerprint: string, ports: WatchPorts) {
    this.#dir = dir;
    this.#ports = ports;
    this.#loaded = fingerprint;
    this.#seen = fingerprint;
    this.#seenAtMs = ports.clock.elapsed();
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
    this.#cancel = this.#ports.clock.schedule(delayMs, () => this.#start());
  }

  #start(): void {
    this.#cancel();
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  async #look(): Promise<void> {
    const { clock, fingerprint, load } = this.#ports;
    const state = await fingerprint();
    const now = clock.elapsed();
    if (state !== this.#seen) {
      this.#seen = state;
      this.#seenAtMs = now;
      // An exchanged folder is another one to the system.
      this.#listen();
    }
    const isDue = state !== this.#loaded || now >= this.#retryAtMs;
    const restMs = this.#seenAtMs + STILL_MS - now;
    if (isDue && restMs <= 0 && !this.#isClosed) {
      const outcome = await load(state);
      this.#retryAtMs = outcome === "failed" ? clock.elapsed() + RETRY_MS : Number.POSITIVE_INFINITY;
      if (outcome === "changed") return this.#lookIn(0);
      this.#loaded = state;
    }
    this.#lookIn(isDue && restMs > 0 ? restMs : POLL_MS);
  }

  /** Looking does without it, only later: what cannot be watched is no error. */
  #listen(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    if (this.#isClosed) return;
    try {
      this.#watcher = watch(this.#dir, { persistent: false }, () => this.#start());
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      // The folder is not there, or there are no watches left.
    }
  }
}
