/** How fast bodies have to come: one that stands still holds memory and a connection that others need. */
import type { Clock } from "@coresdk/pipeline";
import type { Lease } from "./budget.ts";

/** How often it is looked at, in ms: a body is cut once it was too slow from one look to the next. */
export const PACE_INTERVAL_MS: number = 5_000;

/** What has to come meanwhile: 1 KiB a second, less than any line in use has. */
export const PACE_BYTES: number = 5 * 1024;

interface Reading {
  /** At the last look; `undefined` before the first. */
  bytes: number | undefined;
  readonly onTooSlow: () => void;
}

/** The bodies that one door is reading. One timer serves all of them. */
export class Pace {
  readonly #clock: Clock;
  readonly #readings = new Map<Lease, Reading>();
  #armed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Watches a body, by what its lease holds, until {@link Pace.forget} or until it was too slow. */
  watch(lease: Lease, onTooSlow: () => void): void {
    this.#readings.set(lease, { bytes: undefined, onTooSlow });
    this.#arm();
  }

  forget(lease: Lease): void {
    this.#readings.delete(lease);
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#clock.schedule(PACE_INTERVAL_MS, () => {
      this.#armed = false;
      this.#look();
      if (this.#readings.size > 0) this.#arm();
    });
  }

  #look(): void {
    for (const [lease, reading] of this.#readings) {
      const { bytes } = reading;
      reading.bytes = lease.bytes;
      if (bytes === undefined || lease.bytes - bytes >= PACE_BYTES) continue;
      this.#readings.delete(lease);
      reading.onTooSlow();
    }
  }
}
