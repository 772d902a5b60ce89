/**
 * Trace and span ids as hex. Records that follow one another mostly belong to one trace, so the id read last
 * is compared by its bytes before text is made of it.
 */
export class HexMemo {
  readonly #size: number;
  readonly #last: Uint8Array;
  #text = "";

  /** @param size bytes of an id */
  constructor(size: number) {
    this.#size = size;
    this.#last = new Uint8Array(size);
  }

  /** The id at `at` in lower-case hex; `""` when it is all zero, which W3C Trace Context calls invalid. */
  read(bytes: Buffer, view: DataView, at: number): string {
    let same = true;
    for (let i = 0; i < this.#size; i++) {
      const byte = view.getUint8(at + i);
      if (byte !== this.#last[i]) {
        same = false;
        this.#last[i] = byte;
      }
    }
    if (!same) {
      this.#text = isZero(this.#last) ? "" : bytes.toString("hex", at, at + this.#size);
    }
    return this.#text;
  }
}

function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) {
    if (byte !== 0) return false;
  }
  return true;
}
