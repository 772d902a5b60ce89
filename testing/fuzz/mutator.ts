/** Makes faulty inputs out of good ones, the same ones for the same seed. */
import { seededRandom } from "../bench/corpus.ts";

/** The longest run of bytes that one fault takes, doubles or brings along. */
const LONGEST_RUN = 200;

export class Mutator {
  readonly #next: () => number;
  readonly #corpus: readonly Uint8Array[];
  readonly #dictionary: readonly Uint8Array[];

  /**
   * @param corpus good inputs to begin with
   * @param dictionary pieces that mean something to what reads the input
   */
  constructor(seed: number, corpus: readonly Uint8Array[], dictionary: readonly Uint8Array[] = []) {
    this.#next = seededRandom(seed);
    this.#corpus = corpus;
    this.#dictionary = dictionary;
  }

  /** An input of the corpus with one to eight faults in it. */
  make(): Buffer<ArrayBuffer> {
    let bytes = Buffer.from(this.#pick(this.#corpus));
    for (let faults = 1 + this.below(8); faults > 0; faults--) bytes = this.#spoil(bytes);
    return bytes;
  }

  /** A whole number from 0 up to the limit, which it is not. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  #spoil(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
    const at = this.below(bytes.length + 1);
    const end = at + this.below(Math.min(64, bytes.length + 1 - at));
    switch (this.below(8)) {
      case 0:
        return at < bytes.length
          ? splice(bytes, at, at + 1, Buffer.of((bytes[at] ?? 0) ^ (1 << this.below(8))))
          : bytes;
      case 1:
        return splice(bytes, at, at + 1, Buffer.of(this.below(256)));
      case 2:
        return splice(bytes, at, end, Buffer.alloc(0));
      case 3:
        return splice(bytes, end, end, bytes.subarray(at, end));
      case 4:
        return Buffer.from(bytes.subarray(0, at));
      case 5:
        return splice(bytes, at, at, this.#pick(this.#dictionary));
      case 6:
        // Lengths and counts: the extremes of one to four bytes.
        return splice(
          bytes,
          at,
          at + 1 + this.below(4),
          Buffer.alloc(1 + this.below(4), 255 * this.below(2)),
        );
      default: {
        const other = this.#pick(this.#corpus);
        const from = this.below(other.length + 1);
        return splice(bytes, at, end, other.subarray(from, from + this.below(LONGEST_RUN)));
      }
    }
  }

  #pick(list: readonly Uint8Array[]): Uint8Array {
    return list[this.below(list.length)] ?? Buffer.alloc(0);
  }
}

function splice(bytes: Buffer, at: number, end: number, by: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(end)]);
}
