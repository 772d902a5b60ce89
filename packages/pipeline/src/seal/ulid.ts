/**
 * ULIDs: 48 bits of milliseconds and 80 bits, in Crockford's base 32 (github.com/ulid/spec).
 *
 * A record of an export request gets the same id each time the same request is sent: its 80 bits come from
 * the SHA-256 of the decompressed request and from the record's place in it. The request is hashed once; each
 * record's bits are three words of the digest, each mixed with the place by a bijection of 32 bits. So two
 * records of one request always differ, and two requests agree in a record by chance alone, 1 in 2^80.
 */
import { hash } from "node:crypto";
import type { Random } from "../contracts.ts";
import type { UnixTime } from "../log-event.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const MAX_TIME = 2 ** 48 - 1;
const WORD = 2 ** 32;
/** An even spread of bits; the fraction of the golden ratio, as Knuth's multiplicative hashing takes it. */
const GOLDEN = 0x9e3779b9;

const CODES: Uint8Array = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));

/** The ids of the records of one export request. */
export class RequestIds {
  readonly #request: Uint8Array;
  #digest: DataView | undefined;
  readonly #time = new TimePart();

  /** @param request the decompressed bytes; hashed when the first id is asked for */
  constructor(request: Uint8Array) {
    this.#request = request;
  }

  /** @param index the record's place among all records of the request */
  idOf(index: number, time: UnixTime): string {
    this.#digest ??= viewOf(hash("sha256", this.#request, "buffer"));
    const digest = this.#digest;
    const first = mix(digest.getUint32(0) ^ index);
    const second = mix(digest.getUint32(4) ^ Math.imul(index + 1, GOLDEN));
    const third = mix(digest.getUint32(8) ^ first);
    return this.#time.format(millisecondsOf(time)) + randomPart(third >>> 16, first, second);
  }
}

/** Fresh ULIDs; those of one millisecond count up, so that their order is the order they were made in. */
export class FreshIds {
  readonly #random: Random;
  readonly #bytes = new Uint8Array(10);
  readonly #time = new TimePart();
  #milliseconds = -1;
  #high = 0;
  #middle = 0;
  #low = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param nowMs the clock, in ms since the epoch; one that went back is taken to have stood still */
  next(nowMs: number): string {
    if (nowMs > this.#milliseconds) {
      this.#milliseconds = nowMs;
      this.#draw();
    } else {
      this.#increment();
    }
    return this.#time.format(this.#milliseconds) + randomPart(this.#high, this.#middle, this.#low);
  }

  #draw(): void {
    const view = viewOf(this.#random.fill(this.#bytes));
    this.#high = view.getUint16(0);
    this.#middle = view.getUint32(2);
    this.#low = view.getUint32(6);
  }

  #increment(): void {
    this.#low = (this.#low + 1) % WORD;
    if (this.#low !== 0) return;
    this.#middle = (this.#middle + 1) % WORD;
    if (this.#middle !== 0) return;
    this.#high = (this.#high + 1) & 0xffff;
    // All 80 bits are used up, which no clock that runs will see: the next millisecond begins early.
    if (this.#high === 0) this.#milliseconds += 1;
  }
}

/** The first ten characters, remembered for the millisecond seen last. */
class TimePart {
  #milliseconds = -1;
  #text = "";

  format(milliseconds: number): string {
    if (milliseconds !== this.#milliseconds) {
      const bounded = Math.min(milliseconds, MAX_TIME);
      const high = Math.floor(bounded / 2 ** 20);
      const low = bounded % 2 ** 20;
      // 48 bits in 50: the first character is at most 7.
      this.#text = String.fromCharCode(
        code(high >>> 25),
        code(high >>> 20),
        code(high >>> 15),
        code(high >>> 10),
        code(high >>> 5),
        code(high),
        code(low >>> 15),
        code(low >>> 10),
        code(low >>> 5),
        code(low),
      );
      this.#milliseconds = milliseconds;
    }
    return this.#text;
  }
}

/** 16, 32 and 32 bits as sixteen characters. */
function randomPart(high: number, middle: number, low: number): string {
  return String.fromCharCode(
    code(high >>> 11),
    code(high >>> 6),
    code(high >>> 1),
    code((high << 4) | (middle >>> 28)),
    code(middle >>> 23),
    code(middle >>> 18),
    code(middle >>> 13),
    code(middle >>> 8),
    code(middle >>> 3),
    code((middle << 2) | (low >>> 30)),
    code(low >>> 25),
    code(low >>> 20),
    code(low >>> 15),
    code(low >>> 10),
    code(low >>> 5),
    code(low),
  );
}

/** The character code for the lowest five bits. */
function code(bits: number): number {
  return CODES[bits & 31] ?? 0;
}

/** The finaliser of MurmurHash3: a bijection of 32 bits in which every bit reaches every other. */
function mix(word: number): number {
  let bits = word;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function millisecondsOf(time: UnixTime): number {
  return time.seconds * 1000 + Math.floor(time.nanos / 1_000_000);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
