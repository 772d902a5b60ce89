import type { Socket } from "node:net";
import type { buildConnector } from "undici";

/** How a status line begins; the last digit of its version may be any. */
const VERSION = Buffer.from("HTTP/1.? ");
const ANY_DIGIT: number = VERSION.indexOf("?");
/** Where the three digits of the status stand. */
const FIRST = VERSION.length;
const SECOND: number = FIRST + 1;
const THIRD: number = FIRST + 2;

const LF = 0x0a;
const CR = 0x0d;
const ZERO = 0x30;
const ONE = 0x31;
const TWO = 0x32;

/**
 * Makes undici take a `100 Continue` that nobody asked for as what it is, one more informational response to be parsed
 * and dropped (RFC 9110, section 15.2). undici, up to 7 at least, destroys the connection at a 100 before any handler
 * hears of it, whichever of its interfaces sends, and has no option against it; other informational responses it hands
 * on. So what it reads of the connection says 102 where the peer said 100. They are bounded with the others.
 */
export function acceptContinue(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    connect(options, (...result) => {
      const [error, socket] = result;
      // Of a failure undici tells the error alone.
      if (error === null) watch(socket);
      callback(...result);
    });
  };
}

/** With one request at a time, what is read first after a request was written is the head of a response. */
function watch(socket: Socket): void {
  const heads = new ResponseHeads();
  const { read, write } = socket;
  Reflect.set(socket, "write", (...args: readonly unknown[]): unknown => {
    heads.expect();
    return Reflect.apply(write, socket, args);
  });
  Reflect.set(socket, "read", (...args: readonly unknown[]): unknown => {
    const chunk: unknown = Reflect.apply(read, socket, args);
    if (chunk instanceof Uint8Array) heads.pass(chunk);
    return chunk;
  });
}

/** Follows the bytes of a connection from a request to the status line of its final response. */
class ResponseHeads {
  #expected = false;
  /** Characters of the status line so far, as far as it matters. */
  #length = 0;
  #second = 0;
  /** Ends of line in a row. */
  #ends = 0;

  expect(): void {
    this.#expected = true;
    this.#length = 0;
  }

  /** Changes each 100 in these bytes; a status line may begin in one chunk and end in another. */
  pass(chunk: Uint8Array): void {
    for (let i = 0; this.#expected && i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (this.#length > THIRD) this.#passHeader(byte);
      else if (this.#isThirdOf100(byte)) chunk[i] = TWO;
    }
  }

  /** Takes one more character of a status line. */
  #isThirdOf100(byte: number): boolean {
    const at = this.#length;
    // Parsers are lenient about line ends before a response.
    if (at === 0 && (byte === CR || byte === LF)) return false;
    this.#length += 1;
    this.#ends = 0;
    if (at < FIRST) this.#expected = at === ANY_DIGIT || byte === VERSION[at];
    else if (at === FIRST) this.#expected = byte === ONE;
    else if (at === SECOND) this.#second = byte;
    return at === THIRD && this.#second === ZERO && byte === ZERO;
  }

  /** To the empty line, after which the next response begins. */
  #passHeader(byte: number): void {
    if (byte === LF) this.#ends += 1;
    else if (byte !== CR) this.#ends = 0;
    if (this.#ends === 2) this.#length = 0;
  }
}
