interface Queued<Item> {
  readonly item: Item;
  readonly size: number;
  turn: number;
}

/**
 * Waiting lines that share what serves them as if all of them were served at once, each at the same speed: an item's turn
 * is the time at which it would be done so. A small item waits for no large ones of other lanes that have still much
 * before them; a large one waits, however many small ones come, until as much was served of each other lane as it is
 * large. Lanes with items of one size are served in turn.
 *
 * This is weighted fair queueing (A. Demers, S. Keshav and S. Shenker, SIGCOMM 1989) of what came, item by item.
 */
export class Lanes<Item> {
  readonly #lanes = new Map<object, Queued<Item>[]>();
  /** The turn of the last item that each lane had, so that none gains by having them come one by one. */
  readonly #turns = new WeakMap<object, number>();
  /** How much each lane would have been served so far, had it had items all the time. */
  #clock = 0;

  get empty(): boolean {
    return this.#lanes.size === 0;
  }

  /** @param size what serving it takes */
  add(lane: object, item: Item, size: number): void {
    const turn = Math.max(this.#clock, this.#turns.get(lane) ?? 0) + size;
    this.#turns.set(lane, turn);
    const queued = { item, size, turn };
    const items = this.#lanes.get(lane);
    if (items === undefined) this.#lanes.set(lane, [queued]);
    else items.push(queued);
  }

  /** The one whose turn comes first. */
  take(): Item | undefined {
    let next: readonly [lane: object, items: Queued<Item>[], first: Queued<Item>] | undefined;
    for (const [lane, items] of this.#lanes) {
      const [first] = items;
      if (first !== undefined && (next === undefined || first.turn < next[2].turn))
        next = [lane, items, first];
    }
    if (next === undefined) return undefined;
    const [lane, items, { item, size }] = next;
    this.#clock += size / this.#lanes.size;
    items.shift();
    // Of those with the same turn the lane that was served last is the last one.
    this.#lanes.delete(lane);
    if (items.length > 0) this.#lanes.set(lane, items);
    return item;
  }

  /** What is behind it in its lane moves up, and the lane has not had it. False when it was not waiting there. */
  remove(lane: object, item: Item): boolean {
    const items = this.#lanes.get(lane);
    const at = items?.findIndex((queued) => queued.item === item) ?? -1;
    const [removed] = at < 0 ? [] : (items?.splice(at, 1) ?? []);
    if (items === undefined || removed === undefined) return false;
    for (const behind of items.slice(at)) behind.turn -= removed.size;
    this.#turns.set(lane, (this.#turns.get(lane) ?? 0) - removed.size);
    if (items.length === 0) this.#lanes.delete(lane);
    return true;
  }

  /** Empties all lanes, and gives what was in them. */
  clear(): Item[] {
    const items = [...this.#lanes.values()].flatMap((lane) => lane.map(({ item }) => item));
    this.#lanes.clear();
    return items;
  }
}
