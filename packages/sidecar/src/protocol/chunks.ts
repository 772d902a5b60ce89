/** A chunk below this is copied together with its neighbours: one object for each of a million bytes would cost far more than they. */
const SMALL_BYTES = 2048;
const SLAB_BYTES = 16 * 1024;

/** The chunks of a message on their way in. One chunk, the usual case at a hundred events, is never copied. */
export class Chunks {
  readonly #list: Buffer[] = [];
  /** Where small chunks are gathered; `#from` to `#to` is what is not in the list yet. */
  #slab: Buffer = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  byteLength = 0;

  push(chunk: Buffer): void {
    this.byteLength += chunk.length;
    if (this.#list.length === 0 || chunk.length >= SMALL_BYTES) {
      this.#settle();
      this.#list.push(chunk);
      return;
    }
    if (this.#slab.length - this.#to < chunk.length) {
      this.#settle();
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#from = 0;
      this.#to = 0;
    }
    this.#to += chunk.copy(this.#slab, this.#to);
  }

  /** All bytes in one piece. */
  join(): Buffer {
    this.#settle();
    const [first] = this.#list;
    return first !== undefined && this.#list.length === 1
      ? first
      : Buffer.concat(this.#list, this.byteLength);
  }

  clear(): void {
    this.#list.length = 0;
    this.#slab = Buffer.alloc(0);
    this.#from = 0;
    this.#to = 0;
    this.byteLength = 0;
  }

  #settle(): void {
    if (this.#from === this.#to) return;
    this.#list.push(this.#slab.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}
