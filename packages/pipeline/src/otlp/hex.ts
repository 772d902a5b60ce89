/**
 * Trace and span ids as hex. Records that follow one another mostly belong to one trace, so the id read last
 * is compared by its bytes before text is made of it.
 */
export class HexMemo {
  readonly #size: number;
  readonly #last: Uint8Array;
  #text = "";

  /** @param size bytes of an id, a multiple of eight */
  constructor(size: number) {
    this.#size = size;
    this.#last = new Uint8Array(size);
  }

  /** The id at `at` in lower-case hex; `""` when it is all zero, which W3C Trace Context calls invalid. */
  read(view: DataView, at: number): string {
    let same = true;
    for (let i = 0; i < this.#size; i++) {
      const byte = view.getUint8(at + i);
      if (byte !== this.#last[i]) {
        same = false;
        this.#last[i] = byte;
      }
    }
    if (!same) {
      this.#text = isZero(this.#last) ? "" : hexOf(view, at, this.#size);
    }
    return this.#text;
  }
}

/** Hex of a multiple of eight bytes. */
function hexOf(view: DataView, at: number, size: number): string {
  let hex = "";
  for (let i = at; i < at + size; i += 8) hex += hexOfEight(view, i);
  return hex;
}

/** One call with sixteen characters costs less than a call into the engine's own encoder. */
function hexOfEight(view: DataView, at: number): string {
  const high = view.getUint32(at);
  const low = view.getUint32(at + 4);
  return String.fromCharCode(
    digit(high >>> 28),
    digit(high >>> 24),
    digit(high >>> 20),
    digit(high >>> 16),
    digit(high >>> 12),
    digit(high >>> 8),
    digit(high >>> 4),
    digit(high),
    digit(low >>> 28),
    digit(low >>> 24),
    digit(low >>> 20),
    digit(low >>> 16),
    digit(low >>> 12),
    digit(low >>> 8),
    digit(low >>> 4),
    digit(low),
  );
}

/** The character code of the lowest four bits: 0 to 9, a to f. */
function digit(bits: number): number {
  const value = bits & 15;
  return value < 10 ? value + 0x30 : value + 0x57;
}

function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) {
    if (byte !== 0) return false;
  }
  return true;
}
