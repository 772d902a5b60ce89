interface Queued<Item> {
  readonly item: Item;
  readonly size: number;
  /** What the clock said when it came. */
  readonly arrived: number;
}

interface Lane<Item> {
  readonly items: Queued<Item>[];
  /** When it would be done with what it has had; what is behind begins then. */
  finish: number;
  /** What its items took for each unit of their size, lately; `undefined`: nothing of it was done so far. */
  price: number | undefined;
}

interface Served<Item> {
  readonly lane: Lane<Item>;
  readonly size: number;
  readonly expected: number;
}

/** The power to which the price of first ones is raised after one at least as costly that was none. */
const FORGETTING = 0.9;

/**
 * Waiting lines that share what serves them as if all of them were served at once, each at the same speed: an item's turn
 * is the time at which it would be done so. A small item waits for no large ones of other lanes that have still much
 * before them; a large one waits, however many small ones come, until as much was served of each other lane as it is
 * large. Lanes with items of one size are served in turn.
 *
 * What an item takes is only known once it is done. Before, it is expected to take its size times what those of its lane
 * took lately; in a lane of which nothing was done so far, times what first ones took lately. What was wrong about that is
 * made up for: the lane's next turn comes so much later, or sooner.
 *
 * This is weighted fair queueing (A. Demers, S. Keshav and S. Shenker, SIGCOMM 1989) of what came, item by item. Its clock
 * goes by what is expected, and is never behind all who wait (J. Bennett and H. Zhang, WF2Q+, 1997): who had more than its
 * share is behind those that come, but not for ever.
 */
export class Lanes<Item> {
  /** Those in which something waits; of those with the same turn the lane that was served last is the last one. */
  readonly #waiting = new Set<Lane<Item>>();
  /** A lane is forgotten with the object that stands for it. */
  readonly #lanes = new WeakMap<object, Lane<Item>>();
  /** How much each lane would have been served so far, had it had items all the time. */
  #clock = 0;
  /** What first items of lanes took for each unit of their size, lately. */
  #priceOfFirst = 1;
  #served: Served<Item> | undefined;

  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  /** @param size what serving it usually takes */
  add(key: object, item: Item, size: number): void {
    const lane = this.#lanes.get(key) ?? { items: [], finish: 0, price: undefined };
    this.#lanes.set(key, lane);
    lane.items.push({ item, size, arrived: this.#clock });
    this.#waiting.add(lane);
  }

  /** The one whose turn comes first. */
  take(): Item | undefined {
    let next: (Served<Item> & { readonly item: Item; readonly turn: number }) | undefined;
    let firstBegin = Number.POSITIVE_INFINITY;
    for (const lane of this.#waiting) {
      const [first] = lane.items;
      if (first === undefined) continue;
      const { item, size, arrived } = first;
      const begin = Math.max(lane.finish, arrived);
      const expected = size * (lane.price ?? this.#priceOfFirst);
      const turn = begin + expected;
      firstBegin = Math.min(firstBegin, begin);
      if (next === undefined || turn < next.turn) next = { lane, item, size, expected, turn };
    }
    if (next === undefined) return undefined;
    const { lane, item, expected, turn } = next;
    this.#clock = Math.max(this.#clock + expected / this.#waiting.size, firstBegin);
    this.#served = next;
    lane.finish = turn;
    lane.items.shift();
    this.#waiting.delete(lane);
    if (lane.items.length > 0) this.#waiting.add(lane);
    return item;
  }

  /**
   * Says what the one that was taken last took, in units of size. Less than its size counts as that. A lane that turns
   * out costly is taken for it at once, and one that does no more by and by.
   */
  charge(cost: number): void {
    const served = this.#served;
    if (served === undefined) return;
    this.#served = undefined;
    const { lane, size, expected } = served;
    const took = Math.max(cost, size);
    const price = took / Math.max(size, 1);
    lane.finish += took - expected;
    // The geometric mean: one costly client makes no others out to be as costly. Once those are known that are, a new one
    // is not taken for one of them.
    if (lane.price === undefined) this.#priceOfFirst = Math.sqrt(this.#priceOfFirst * price);
    else if (price >= this.#priceOfFirst) this.#priceOfFirst **= FORGETTING;
    lane.price = lane.price === undefined ? price : Math.max(price, (lane.price + price) / 2);
  }

  /** What is behind it in its lane moves up, and the lane has not had it. False when it was not waiting there. */
  remove(key: object, item: Item): boolean {
    const lane = this.#lanes.get(key);
    const at = lane?.items.findIndex((queued) => queued.item === item) ?? -1;
    if (lane === undefined || at < 0) return false;
    lane.items.splice(at, 1);
    if (lane.items.length === 0) this.#waiting.delete(lane);
    return true;
  }

  /** Empties all lanes, and gives what was in them. */
  clear(): Item[] {
    const items = [...this.#waiting].flatMap((lane) => lane.items.splice(0).map(({ item }) => item));
    this.#waiting.clear();
    return items;
  }
}
