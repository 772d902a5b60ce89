/** Things that wait for their time, the earliest first: a binary heap, so that thousands cost little. */
export class DueQueue<T extends { readonly dueAtMs: number }> {
  #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** When the earliest is due, as elapsed time; infinity when there is none. */
  get nextAtMs(): number {
    return this.#heap[0]?.dueAtMs ?? Number.POSITIVE_INFINITY;
  }

  push(item: T): void {
    const heap = this.#heap;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.dueAtMs <= item.dueAtMs) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = item;
  }

  /** Takes the earliest if its time has come. */
  popDue(nowMs: number): T | undefined {
    const top = this.#heap[0];
    if (top === undefined || top.dueAtMs > nowMs) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && last !== top) this.#sink(last);
    return top;
  }

  /** Replaces each by what `change` makes of it; `undefined` takes it out. */
  revise(change: (item: T) => T | undefined): void {
    const items = this.#heap;
    this.#heap = [];
    for (const item of items) {
      const kept = change(item);
      if (kept !== undefined) this.push(kept);
    }
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#heap[Symbol.iterator]();
  }

  /** Puts `item` where the top was and lets it find its place. */
  #sink(item: T): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      let lower = heap[child];
      if (lower === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && right.dueAtMs < lower.dueAtMs) {
        child += 1;
        lower = right;
      }
      if (item.dueAtMs <= lower.dueAtMs) break;
      heap[at] = lower;
      at = child;
    }
    heap[at] = item;
  }
}
