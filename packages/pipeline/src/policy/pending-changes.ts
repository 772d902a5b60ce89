/** Whoever writes several files, or one in pieces, is not done before nothing has changed for so long. */
const STILL_MS = 200;
/** A file that has gone on changing for so long only gets to a short rest: it may never come to a longer one. */
const RESTLESS_MS = 500;
const SHORT_REST_MS = 50;
/** After so long nobody waits for a file any more. */
const FILE_PATIENCE_MS = 1_500;
/** Nor, after so long, for files that change one after the other. */
const PATIENCE_MS = 5_000;

interface Change {
  readonly firstMs: number;
  lastMs: number;
}

/**
 * Changes of a folder that is not loaded again yet, and when it should be. A folder into which files are copied is
 * loaded when they are there; one file that is written over and over holds up neither the others nor, for long, itself.
 */
export class PendingChanges {
  readonly #changes = new Map<string, Change>();
  #firstMs = Number.POSITIVE_INFINITY;

  note(places: readonly string[], nowMs: number): void {
    if (this.#changes.size === 0) this.#firstMs = nowMs;
    for (const place of places) {
      const change = this.#changes.get(place);
      if (change === undefined) this.#changes.set(place, { firstMs: nowMs, lastMs: nowMs });
      else change.lastMs = nowMs;
    }
  }

  clear(): void {
    this.#changes.clear();
  }

  /** Milliseconds for which the folder should still be waited for; none without a change. */
  restMs(nowMs: number): number {
    let untilMs = nowMs;
    for (const { firstMs, lastMs } of this.#changes.values()) {
      const rested = Math.max(firstMs + RESTLESS_MS, lastMs + SHORT_REST_MS);
      untilMs = Math.max(untilMs, Math.min(lastMs + STILL_MS, rested, firstMs + FILE_PATIENCE_MS));
    }
    return Math.min(untilMs, this.#firstMs + PATIENCE_MS) - nowMs;
  }

  /** Whether something has changed just now, so that it may before it is loaded, whenever that is. */
  isRestless(nowMs: number): boolean {
    return this.#some(({ lastMs }) => nowMs < lastMs + STILL_MS);
  }

  /** Whether there is something that has changed and is still. */
  hasStill(nowMs: number): boolean {
    return this.#some(({ lastMs }) => nowMs >= lastMs + STILL_MS);
  }

  #some(holds: (change: Change) => boolean): boolean {
    for (const change of this.#changes.values()) if (holds(change)) return true;
    return false;
  }
}
