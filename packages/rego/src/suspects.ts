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

  /** Divides items into those that are not remembered and those that are. */
  divide<Item extends { readonly key: string }>(
    items: readonly Item[],
  ): { readonly others: readonly Item[]; readonly known: readonly Item[] } {
    if (this.#digests.size === 0) return { others: items, known: [] };
    const { known = [], others = [] } = Object.groupBy(items, ({ key }) =>
      this.#digests.has(digestOf(key)) ? "known" : "others",
    );
    return { others, known };
  }
}

/** Inputs can be large. */
function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("base64");
}
