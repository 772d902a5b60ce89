import { OtlpDecodeError } from "@coresdk/pipeline/thread";

/** The wire type of text, bytes and embedded messages. */
export const LENGTH_DELIMITED = 2;

/** Steps through the fields of one protobuf message, which is a part of the bytes. */
export class FieldReader {
  readonly #bytes: Buffer;
  readonly #to: number;
  #at: number;
  /** What is wrong behind the last field that was read. */
  #fault: string | undefined;
  tag = 0;
  /** Where the length of a length-delimited field stands. */
  lengthAt = 0;
  valueAt = 0;
  /** Behind the value. */
  end: number;
  /** The value of a varint field. */
  varint = 0n;

  constructor(bytes: Buffer, from = 0, to: number = bytes.length) {
    this.#bytes = bytes;
    this.#to = to;
    this.#at = from;
    this.end = from;
  }

  get field(): number {
    return this.tag >>> 3;
  }

  get wireType(): number {
    return this.tag & 7;
  }

  /** @throws OtlpDecodeError when the bytes are no message */
  next(): boolean {
    if (this.nextSound()) return true;
    if (this.#fault !== undefined) throw new OtlpDecodeError(`the request has ${this.#fault}`);
    return false;
  }

  /** As {@link FieldReader.next}; where the bytes are no message there is no further field. */
  nextSound(): boolean {
    this.#at = this.end;
    if (this.#fault !== undefined || this.#at >= this.#to) return false;
    const tag = this.#small();
    if (tag < 8) return this.#stop("a field number of 0");
    this.tag = tag;
    this.lengthAt = this.#at;
    this.valueAt = this.#at;
    switch (this.wireType) {
      case 0:
        if (!this.#whole()) return false;
        break;
      case 1:
        this.#at += 8;
        break;
      case LENGTH_DELIMITED: {
        const length = this.#small();
        if (length < 0) return false;
        this.valueAt = this.#at;
        this.#at += length;
        break;
      }
      case 5:
        this.#at += 4;
        break;
      default:
        return this.#stop(`wire type ${this.wireType}, which OTLP does not use`);
    }
    if (this.#at > this.#to) return this.#stop("a field that is cut off");
    this.end = this.#at;
    return true;
  }

  /** The first fault is the one that is told. */
  #stop(fault: string): false {
    this.#fault ??= fault;
    return false;
  }

  #byte(): number | undefined {
    return this.#at < this.#to ? this.#bytes[this.#at++] : undefined;
  }

  /** A varint of 32 bits; negative when there is none. */
  #small(): number {
    let value = 0;
    for (let place = 1; place <= 2 ** 28; place *= 128) {
      const byte = this.#byte();
      if (byte === undefined) {
        this.#stop("a number that is cut off");
        return -1;
      }
      value += (byte & 0x7f) * place;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    this.#stop("a number beyond 32 bits");
    return -1;
  }

  #whole(): boolean {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      if (byte === undefined) return this.#stop("a number that is cut off");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.varint = BigInt.asUintN(64, value);
        return true;
      }
    }
    return this.#stop("a number of more than 10 bytes");
  }
}
