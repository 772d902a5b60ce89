/** Two generations of a cache hold this much together; a decision beside its key is taken for {@link ENTRY_BYTES}. */
export interface CacheLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** What the cache of one policy set may take. */
export const CACHE_LIMITS: CacheLimits = { maxEntries: 20_000, maxBytes: 8 * 1024 * 1024 };

/** A map's slot, the text's head, the answer. */
const ENTRY_BYTES = 64;

/**
 * Decisions by what the policy can read, bounded. When the younger generation is full the older one goes; what is
 * asked for moves to the younger, so that a flood of subjects seen once does not push out what is used.
 */
export class DecisionCache {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #young = new Map<string, boolean>();
  #old = new Map<string, boolean>();
  #youngBytes = 0;

  constructor({ maxEntries, maxBytes }: CacheLimits = CACHE_LIMITS) {
    this.#maxEntries = maxEntries / 2;
    this.#maxBytes = maxBytes / 2;
  }

  /** Whether an event may leave; `undefined` when it has not been decided, or was forgotten. */
  get(key: string): boolean | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, allowed: boolean): void {
    // Two bytes a character at most.
    const bytes = key.length * 2 + ENTRY_BYTES;
    if (bytes > this.#maxBytes) return;
    if (this.#young.size + 1 > this.#maxEntries || this.#youngBytes + bytes > this.#maxBytes) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    if (!this.#young.has(key)) this.#youngBytes += bytes;
    this.#young.set(key, allowed);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
