import { createHash } from "node:crypto";

/** As many are remembered; the oldest is forgotten for the next. */
const MOST = 256;

/** Remembers what took long without an answer, so that it is tried after everything else. */
export class Suspects {
  readonly #digests = new Set<string>();

  get size(): number {
    return this.#digests.size;
  }

  add(key: string): void {
    const digest = digestOf(key);
    this.#digests.delete(digest);
    this.#digests.add(digest);
    const [oldest] = this.#digests;
    if (oldest !== undefined && this.#digests.size > MOST) this.#digests.delete(oldest);
  }

  /** Forgets one that has been answered. */
  clear(key: string): void {
    this.#digests.delete(digestOf(key));
  }

  /** The same items, those that are remembered at the end. */
  moveBack<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
    if (this.#digests.size === 0) return items;
    const { back = [], front = [] } = Object.groupBy(items, (item) =>
      this.#digests.has(digestOf(keyOf(item))) ? "back" : "front",
    );
    return [...front, ...back];
  }
}

/** Inputs can be large. */
function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("base64");
}
