/**
 * The protobuf wire format, as far as a reader needs it.
 *
 *   message = (tag value)*
 *   tag     = varint of fieldNumber << 3 | wireType
 *   value   = varint (0) | 8 bytes (1) | varint length, bytes (2) | 4 bytes (5)
 *
 * Groups (wire types 3 and 4) left the language before OTLP was written; they are refused.
 */
import { OtlpDecodeError, OtlpTooLargeError } from "../contracts.ts";

const TWO_32 = 0x1_0000_0000;

/** Reads one message after the other from the same bytes; the caller keeps the end of the message it is in. */
export class WireReader {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Where the next read begins. */
  pos = 0;
  /** The message being read, for errors. */
  within: string;
  /** The 64 bits of the last {@link varint}, as two unsigned halves. */
  low = 0;
  high = 0;

  constructor(bytes: Uint8Array, within: string) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.within = within;
  }

  /** The next tag, whole: field number and wire type. */
  tag(end: number): number {
    const at = this.pos;
    const tag = this.#uint32(end);
    if (tag < 8) throw this.error("a field number of 0", at);
    return tag;
  }

  /** Reads a length and returns the position behind the bytes it announces. */
  stop(end: number): number {
    const at = this.pos;
    const length = this.#uint32(end);
    if (length > end - this.pos) {
      throw this.error(`a length of ${length} bytes where ${end - this.pos} are left`, at);
    }
    return this.pos + length;
  }

  /** Reads a varint of up to 64 bits into {@link low} and {@link high}. */
  varint(end: number): void {
    const first = this.pos;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.pos >= end) throw this.error("a number that is cut off", first);
      const byte = this.view.getUint8(this.pos++);
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw this.error("a number of more than 10 bytes", first);
  }

  /** Steps over four bytes and returns where they began. */
  fixed32(end: number): number {
    return this.#fixed(4, end);
  }

  /** Steps over eight bytes and returns where they began. */
  fixed64(end: number): number {
    return this.#fixed(8, end);
  }

  /** Steps over the value of a field that nobody asked for. */
  skip(tag: number, end: number): void {
    switch (tag & 7) {
      case 0:
        this.varint(end);
        return;
      case 1:
        this.fixed64(end);
        return;
      case 2:
        this.pos = this.stop(end);
        return;
      case 5:
        this.fixed32(end);
        return;
      default:
        throw this.error(`field ${tag >>> 3} with wire type ${tag & 7}, which OTLP does not use`, this.pos);
    }
  }

  error(what: string, at: number): OtlpDecodeError {
    return new OtlpDecodeError(`${this.within}, byte ${at}: ${what}`);
  }

  /** The bytes can be read, and stand for more than is taken at once. */
  excess(what: string, at: number): OtlpTooLargeError {
    return new OtlpTooLargeError(`${this.within}, byte ${at}: ${what}`);
  }

  #fixed(size: number, end: number): number {
    const at = this.pos;
    if (size > end - at) throw this.error(`${size} bytes expected where ${end - at} are left`, at);
    this.pos = at + size;
    return at;
  }

  #uint32(end: number): number {
    const at = this.pos;
    if (at < end) {
      const byte = this.view.getUint8(at);
      if (byte < 0x80) {
        this.pos = at + 1;
        return byte;
      }
    }
    this.varint(end);
    if (this.high !== 0) throw this.error(`${this.high * TWO_32 + this.low} where 32 bits are expected`, at);
    return this.low;
  }
}
