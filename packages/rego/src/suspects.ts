/** As many are remembered; the oldest is forgotten for the next. */
const MOST = 256;

/** What can be remembered. */
export interface Suspect {
  /** How long it is; only what is as long as one that is remembered can be the same. */
  readonly length: number;
  /** The same for the same, and made when it is asked for: what it is made of can be large. */
  readonly digest: string;
}

/** Remembers what took long without an answer, so that it is tried after everything else. */
export class Suspects {
  /** The lengths of those that are remembered, by their digests. */
  readonly #lengths = new Map<string, number>();
  /** How many are as long as that. */
  readonly #counts = new Map<number, number>();

  add({ digest, length }: Suspect): void {
    this.#forget(digest);
    this.#lengths.set(digest, length);
    this.#counts.set(length, (this.#counts.get(length) ?? 0) + 1);
    const [oldest] = this.#lengths.keys();
    if (oldest !== undefined && this.#lengths.size > MOST) this.#forget(oldest);
  }

  has(item: Suspect): boolean {
    return this.#counts.has(item.length) && this.#lengths.has(item.digest);
  }

  /** Forgets one that has been answered. */
  clear(item: Suspect): void {
    if (this.#counts.has(item.length)) this.#forget(item.digest);
  }

  /** Divides items into those that are not remembered and those that are. */
  divide<Item extends Suspect>(
    items: readonly Item[],
  ): { readonly others: readonly Item[]; readonly known: readonly Item[] } {
    if (this.#lengths.size === 0) return { others: items, known: [] };
    const { known = [], others = [] } = Object.groupBy(items, (item) =>
      this.has(item) ? "known" : "others",
    );
    return { others, known };
  }

  #forget(digest: string): void {
    const length = this.#lengths.get(digest);
    if (length === undefined) return;
    this.#lengths.delete(digest);
    const count = this.#counts.get(length) ?? 0;
    if (count > 1) this.#counts.set(length, count - 1);
    else this.#counts.delete(length);
  }
}
