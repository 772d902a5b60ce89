/** Waiting lines of which each is served in turn, so that a long one holds up nobody in another. */
export class Lanes<Item> {
  /** Those with anybody in them, the next to be served first. */
  readonly #lanes = new Map<object, Item[]>();

  get empty(): boolean {
    return this.#lanes.size === 0;
  }

  add(lane: object, item: Item): void {
    const items = this.#lanes.get(lane);
    if (items === undefined) this.#lanes.set(lane, [item]);
    else items.push(item);
  }

  /** The first of the lane whose turn it is. */
  take(): Item | undefined {
    const [first] = this.#lanes;
    if (first === undefined) return undefined;
    const [lane, items] = first;
    const item = items.shift();
    this.#lanes.delete(lane);
    if (items.length > 0) this.#lanes.set(lane, items);
    return item;
  }

  /** False when it was not waiting there. */
  remove(lane: object, item: Item): boolean {
    const items = this.#lanes.get(lane);
    const at = items?.indexOf(item) ?? -1;
    if (items === undefined || at < 0) return false;
    items.splice(at, 1);
    if (items.length === 0) this.#lanes.delete(lane);
    return true;
  }

  /** Empties all lanes, and gives what was in them. */
  clear(): Item[] {
    const items = [...this.#lanes.values()].flat();
    this.#lanes.clear();
    return items;
  }
}
