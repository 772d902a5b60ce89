/**
 * Requests whose events are committed while the upstream may take the rest later: their resend forwards the
 * rest and appends nothing (semantics, section 1). Bounded in entries, bytes and time.
 */
import type { Clock } from "@coresdk/pipeline";
import type { ResendSettings } from "./settings.ts";

/** What is left to do for a remembered request. */
export interface Remembered {
  /** The rest to forward: bytes, or the request as it came. */
  readonly rest: Uint8Array | "whole";
  /** Records in the rest. */
  readonly otherRecords: number;
  /** Events refused by name when the request first came, to be named once more. */
  readonly rejected: number;
  readonly errorMessage: string;
}

interface Entry {
  readonly remembered: Remembered;
  readonly bytes: number;
  readonly expiresAtMs: number;
}

/** What an entry costs beside its rest. */
const ENTRY_BYTES = 256;

export class ResendTable {
  readonly #settings: ResendSettings;
  readonly #clock: Clock;
  readonly #onForgotten: () => void;
  /** In the order of their time, oldest first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /** @param onForgotten called for each entry that leaves although its resend never came */
  constructor(settings: ResendSettings, clock: Clock, onForgotten: () => void) {
    this.#settings = settings;
    this.#clock = clock;
    this.#onForgotten = onForgotten;
  }

  /** True when nothing is remembered, so that no digest has to be made. */
  get empty(): boolean {
    return this.#entries.size === 0;
  }

  get byteLength(): number {
    return this.#bytes;
  }

  find(digest: string): Remembered | undefined {
    this.#expire();
    return this.#entries.get(digest)?.remembered;
  }

  /** Remembers a request, or remembers it longer; the oldest make room. */
  remember(digest: string, remembered: Remembered): void {
    this.forget(digest);
    const rest = remembered.rest === "whole" ? 0 : remembered.rest.length;
    const bytes = ENTRY_BYTES + rest + remembered.errorMessage.length;
    const expiresAtMs = this.#clock.elapsed() + this.#settings.maxAgeMs;
    this.#entries.set(digest, { remembered, bytes, expiresAtMs });
    this.#bytes += bytes;
    this.#expire();
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#settings.maxEntries && this.#bytes <= this.#settings.maxBytes) break;
      this.forget(oldest);
      this.#onForgotten();
    }
  }

  forget(digest: string): void {
    const entry = this.#entries.get(digest);
    if (entry === undefined) return;
    this.#entries.delete(digest);
    this.#bytes -= entry.bytes;
  }

  #expire(): void {
    const now = this.#clock.elapsed();
    for (const [digest, entry] of this.#entries) {
      if (entry.expiresAtMs > now) return;
      this.forget(digest);
      this.#onForgotten();
    }
  }
}
