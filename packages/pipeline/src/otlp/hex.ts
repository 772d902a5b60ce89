/**
 * Trace and span ids as hex. Records that follow one another mostly belong to one trace, so the id read last
 * is compared by its bytes before text is made of it.
 */
export class HexMemo {
  readonly #size: number;
  /** The bytes of the id read last, four at a time. */
  readonly #last: Int32Array;
  #text = "";

  /** @param size bytes of an id, a multiple of eight */
  constructor(size: number) {
    this.#size = size;
    this.#last = new Int32Array(size / 4);
  }

  /** The id at `at` in lower-case hex; `""` when it is all zero, which W3C Trace Context calls invalid. */
  read(view: DataView, at: number): string {
    const last = this.#last;
    let changed = 0;
    let bits = 0;
    for (let i = 0; i < last.length; i++) {
      const word = view.getInt32(at + i * 4);
      changed |= word ^ (last[i] ?? 0);
      bits |= word;
      last[i] = word;
    }
    if (changed !== 0) this.#text = bits === 0 ? "" : hexOf(view, at, this.#size);
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

/** The character code of the lowest four bits: 0 to 9, a to f. Without a branch, which random ids would mislead. */
function digit(bits: number): number {
  const value = bits & 15;
  return value + 0x30 + (((9 - value) >> 31) & 0x27);
}
