import { letterCost } from "./admission.ts";
import type { Burial, Settlement } from "./disk-protocol.ts";

/** Dead letters of one commit take this much at most, or are one: a full disk has room for no more at once. */
const COMMIT_BYTES = 256 * 1024;

/** Dead letters that wait for a commit, in portions. */
export class Burials {
  /** One letter each. */
  readonly #waiting: { readonly burial: Burial; readonly bytes: number }[] = [];
  #portion: Burial[] = [];

  push({ reader, letters }: Burial): void {
    for (const letter of letters) {
      this.#waiting.push({ burial: { reader, letters: [letter] }, bytes: letterCost(letter) });
    }
  }

  get empty(): boolean {
    return this.#waiting.length + this.#portion.length === 0;
  }

  /** True when some are left over by the next portion, or by the one under way. */
  get exceedPortion(): boolean {
    if (this.#portion.length > 0) return this.#waiting.length > 0;
    return this.#countFitting() < this.#waiting.length;
  }

  /**
   * The letters of the next commit: the same ones until {@link Burials.done}.
   *
   * @param settle called once for each, when it is first among them
   */
  portion(settle: (settlement: Settlement) => void): readonly Burial[] {
    if (this.#portion.length > 0) return this.#portion;
    this.#portion = this.#waiting.splice(0, this.#countFitting()).map(({ burial }) => burial);
    for (const { reader, letters } of this.#portion) {
      settle({ reader, ranges: letters.map(({ sequence }) => ({ first: sequence, last: sequence })) });
    }
    return this.#portion;
  }

  done(): void {
    this.#portion = [];
  }

  #countFitting(): number {
    let bytes = 0;
    let count = 0;
    for (const next of this.#waiting) {
      bytes += next.bytes;
      if (bytes > COMMIT_BYTES && count > 0) break;
      count += 1;
    }
    return count;
  }
}
