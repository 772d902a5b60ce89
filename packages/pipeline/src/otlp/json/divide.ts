/**
 * An OTLP/JSON request without its events, on the source text: what stays keeps its bytes, so that nothing
 * is lost that another reader of the text would see (number forms, unknown fields, duplicate attributes).
 * The scan is linear and does not recurse into values.
 */
import { OtlpDecodeError } from "../../contracts.ts";
import { endOfString } from "./parse.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The field of each level that holds the next one: request, ResourceLogs, ScopeLogs. */
const ENVELOPES = ["resourceLogs", "scopeLogs", "logRecords"] as const;
const RECORD_LEVEL = 2;

type Level = 0 | 1 | 2;

/**
 * @param request a request that was parsed and decoded before
 * @param events places of the events among all records, ascending
 * @returns the request without them
 */
export function divideJsonLogs(request: Uint8Array, events: readonly number[]): Uint8Array {
  return Buffer.concat(new JsonDivider(bufferOf(request), events).divide());
}

/**
 * Refuses a request with an object that names its records twice. A parser gives one of the two, so that the other
 * would be lost here, or be seen by the next reader alone.
 *
 * @param request a request that was parsed before
 * @param named how many objects of the parsed request name their records, or what holds them
 * @throws OtlpDecodeError when there is such an object
 */
export function refuseRepeats(request: Uint8Array, named: number): void {
  const bytes = bufferOf(request);
  // Each name stands there once for each object, unless it is also a text or has another spelling.
  if (ENVELOPES.reduce((sum, name) => sum + count(bytes, `"${name}"`), 0) === named && !bytes.includes("\\u"))
    return;
  new JsonDivider(bytes, []).divide();
}

function bufferOf(request: Uint8Array): Buffer {
  return Buffer.from(request.buffer, request.byteOffset, request.byteLength);
}

function count(bytes: Buffer, text: string): number {
  let found = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) found += 1;
  return found;
}

class JsonDivider {
  readonly #bytes: Buffer;
  readonly #events: readonly number[];
  #pos = 0;
  #record = 0;
  #next = 0;

  constructor(bytes: Buffer, events: readonly number[]) {
    this.#bytes = bytes;
    this.#events = events;
  }

  divide(): Uint8Array[] {
    this.#space();
    const pieces: Uint8Array[] = [];
    const start = this.#pos;
    this.#object(0, pieces);
    return [this.#bytes.subarray(0, start), ...pieces, this.#bytes.subarray(this.#pos)];
  }

  /** Copies the object at the position to `pieces` without its events; returns how many envelopes or records stay. */
  #object(level: Level, pieces: Uint8Array[]): number {
    const bytes = this.#bytes;
    let stayed = 0;
    let found = false;
    let runAt = this.#pos;
    this.#pos += 1;
    for (;;) {
      this.#space();
      if (bytes[this.#pos] === CLOSE_OBJECT) break;
      if (bytes[this.#pos] === COMMA) {
        this.#pos += 1;
        continue;
      }
      if (this.#key(level)) {
        if (found) throw new OtlpDecodeError(`${ENVELOPES[level]} is given twice in one object`);
        found = true;
        if (bytes[this.#pos] === OPEN_ARRAY) {
          pieces.push(bytes.subarray(runAt, this.#pos));
          stayed = this.#array(level, pieces);
          runAt = this.#pos;
          continue;
        }
      }
      this.#skip();
    }
    this.#pos += 1;
    pieces.push(bytes.subarray(runAt, this.#pos));
    return stayed;
  }

  #array(level: Level, pieces: Uint8Array[]): number {
    const bytes = this.#bytes;
    let stayed = 0;
    pieces.push(bytes.subarray(this.#pos, ++this.#pos));
    for (;;) {
      this.#space();
      const byte = bytes[this.#pos];
      if (byte === CLOSE_ARRAY) break;
      if (byte === COMMA) {
        this.#pos += 1;
        continue;
      }
      const item = level === RECORD_LEVEL ? this.#recordItem() : this.#envelopeItem(level === 0 ? 1 : 2);
      if (item === undefined) continue;
      if (stayed > 0) pieces.push(SEPARATOR);
      for (const piece of item) pieces.push(piece);
      stayed += 1;
    }
    pieces.push(bytes.subarray(this.#pos, ++this.#pos));
    return stayed;
  }

  #recordItem(): Uint8Array[] | undefined {
    const start = this.#pos;
    this.#skip();
    if (this.#events[this.#next] !== this.#record++) return [this.#bytes.subarray(start, this.#pos)];
    this.#next += 1;
    return undefined;
  }

  #envelopeItem(level: 1 | 2): Uint8Array[] | undefined {
    const start = this.#pos;
    // In the one of two that the parser passed over, nothing needs to be as it should.
    if (this.#bytes[start] !== OPEN_OBJECT) {
      this.#skip();
      return [this.#bytes.subarray(start, this.#pos)];
    }
    const before = this.#next;
    const pieces: Uint8Array[] = [];
    const stayed = this.#object(level, pieces);
    if (this.#next === before) return [this.#bytes.subarray(start, this.#pos)];
    return stayed === 0 ? undefined : pieces;
  }

  /** Steps over a member's name and colon; true when it names the records or envelopes of this level. */
  #key(level: Level): boolean {
    const start = this.#pos;
    const close = endOfString(this.#bytes, start);
    const text = this.#bytes.toString("utf8", start, close + 1);
    this.#pos = close + 1;
    this.#space();
    this.#pos += 1;
    this.#space();
    const name: unknown = text.includes("\\") ? JSON.parse(text) : text.slice(1, -1);
    return name === ENVELOPES[level];
  }

  /** Steps over one value of any kind. */
  #skip(): void {
    const bytes = this.#bytes;
    let depth = 0;
    for (; this.#pos < bytes.length; this.#pos++) {
      const byte = bytes[this.#pos];
      if (byte === QUOTE) {
        this.#pos = endOfString(bytes, this.#pos);
        if (depth === 0) {
          this.#pos += 1;
          return;
        }
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        depth += 1;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        // The end of the object around a number, or of the container itself.
        if (depth === 0) return;
        depth -= 1;
        if (depth === 0) {
          this.#pos += 1;
          return;
        }
      } else if (byte === COMMA && depth === 0) {
        return;
      }
    }
  }

  #space(): void {
    for (;;) {
      const byte = this.#bytes[this.#pos];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#pos += 1;
    }
  }
}

const SEPARATOR: Uint8Array = Uint8Array.of(COMMA);
