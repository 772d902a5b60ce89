import { MaskLimitError } from "./limit-error.ts";

/**
 * Values that one call looks at. Getters, proxies and `toJSON` may give new objects without end, and one text may stand
 * in many places.
 */
const MAX_VALUES = 262_144;
/** So many characters or bytes count as a value of their own. */
const CHARACTERS_OF_VALUE = 256;

/** What is left to be looked at in one call. */
export class Allowance {
  #left = MAX_VALUES;
  #isRefused = false;
  #isSpent = false;

  get left(): number {
    return this.#left;
  }

  /** False when there is none left. */
  takeValue(): boolean {
    if (this.#left-- > 0) return true;
    this.#isSpent = true;
    return false;
  }

  /** Takes as many values as there are left, and gives how many those are. */
  takeUpTo(count: number): number {
    const taken = Math.max(0, Math.min(count, this.#left));
    this.#left -= taken;
    this.#isSpent ||= taken < count;
    return taken;
  }

  /** True when something was refused. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** A text that was begun is looked at to its end. */
  takeText(length: number): void {
    this.#left -= Math.floor(length / CHARACTERS_OF_VALUE);
  }

  /**
   * @param left what a count came to
   * @throws MaskLimitError when that is less than nothing
   */
  takeValues(left: number): void {
    if (left < 0) throw new MaskLimitError("there are too many values");
    this.#left = left;
  }

  /**
   * What an iteration gives, which need not end; each item is taken.
   *
   * @throws MaskLimitError when it is more than is left
   */
  collect<Item>(items: Iterable<Item>): Item[] {
    const collected: Item[] = [];
    for (const item of items) {
      if (!this.takeValue()) throw new MaskLimitError("there are too many values");
      collected.push(item);
    }
    return collected;
  }

  /** True when this is asked for the first time. */
  isFirstRefusal(): boolean {
    const isFirst = !this.#isRefused;
    this.#isRefused = true;
    return isFirst;
  }
}
