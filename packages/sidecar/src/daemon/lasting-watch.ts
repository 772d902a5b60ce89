type Listener<Item> = (item: Item) => void;

/** Where listeners are told of something, until the returned function is called. */
export type Watch<Item> = (listener: Listener<Item>) => () => void;

/** Listeners that last when what they listen to is replaced. */
export class LastingWatch<Item> {
  readonly #listeners = new Map<Listener<Item>, (() => void) | undefined>();
  #watch: Watch<Item> | undefined;

  /** From now on listeners hear from here; what was before is gone, and with it what it knew of them. */
  attach(watch: Watch<Item>): void {
    this.#watch = watch;
    for (const listener of this.#listeners.keys()) this.#listeners.set(listener, watch(listener));
  }

  readonly add: Watch<Item> = (listener) => {
    this.#listeners.set(listener, this.#watch?.(listener));
    return () => {
      this.#listeners.get(listener)?.();
      this.#listeners.delete(listener);
    };
  };
}
