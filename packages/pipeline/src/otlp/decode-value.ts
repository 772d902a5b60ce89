/**
 * AnyValue, KeyValue and the two lists (opentelemetry-proto common.proto).
 *
 *   KeyValue     = key:1 string, value:2 AnyValue
 *   AnyValue     = one of 1 string, 2 bool, 3 int64, 4 double, 5 ArrayValue, 6 KeyValueList, 7 bytes
 *   ArrayValue   = (1 AnyValue)*
 *   KeyValueList = (1 KeyValue)*
 *
 * Protobuf lets a sender give an embedded message in several pieces, which mean the same as their bytes in a
 * row. So pieces are found first and decoded once, joined when there are several.
 */
import { MAX_EVENT_VALUES } from "../depth.ts";
import { type AnyValue, IntegralDouble, KeyValues } from "../log-event.ts";
import type { DecodeLimits } from "./limits.ts";
import type { TextTable } from "./text.ts";
import { WireReader } from "./wire.ts";

const HIGH_SAFE = 0x20_0000;

/**
 * An event that has as many values is refused when it is wrapped, and of a resource only texts and integers are of
 * interest: values within values beyond it are read, and not kept.
 */
const ENOUGH_VALUES = MAX_EVENT_VALUES + 2;

/** Decodes values out of one request; counts what it makes. */
export class ValueDecoder {
  readonly reader: WireReader;
  readonly #texts: TextTable;
  readonly #limits: DecodeLimits;
  #left: number;
  #joinable: number;
  /** What is left when no more values of the event or resource at hand are kept. */
  #enoughAt = 0;

  constructor(reader: WireReader, texts: TextTable, limits: DecodeLimits) {
    this.reader = reader;
    this.#texts = texts;
    this.#limits = limits;
    this.#left = limits.maxValues;
    this.#joinable = limits.maxJoinedBytes;
  }

  /** Values made so far. */
  get count(): number {
    return this.#limits.maxValues - this.#left;
  }

  /** To be called before the values of an event, or of a resource. */
  begin(): void {
    this.#enoughAt = this.#left - ENOUGH_VALUES;
  }

  text(start: number, end: number): string {
    return this.#texts.read(this.reader.bytes, this.reader.view, start, end);
  }

  /** Decodes the KeyValue between `pos` and `end` and adds it to `into`. */
  keyValue(into: KeyValues, end: number, depth: number): void {
    const { reader } = this;
    if (this.#plainKeyValue(into, end, depth)) return;
    reader.within = "KeyValue";
    let keyAt = 0;
    let keyEnd = 0;
    let valueAt = -1;
    let valueEnd = -1;
    let pieces: Uint8Array[] | undefined;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) {
        keyEnd = reader.stop(end);
        keyAt = reader.pos;
        reader.pos = keyEnd;
      } else if (tag === 18) {
        const stop = reader.stop(end);
        if (valueAt >= 0) {
          pieces ??= [reader.bytes.subarray(valueAt, valueEnd)];
          this.checkPieces(pieces.length);
          pieces.push(reader.bytes.subarray(reader.pos, stop));
        }
        valueAt = reader.pos;
        valueEnd = stop;
        reader.pos = stop;
      } else {
        reader.skip(tag, end);
      }
    }
    const key = this.text(keyAt, keyEnd);
    const isKept = this.#mayKeep(depth);
    const value = pieces === undefined ? this.valueAt(valueAt, valueEnd, depth) : this.joined(pieces, depth);
    if (isKept) into.add(key, value);
    reader.pos = end;
  }

  /**
   * Nearly every attribute is a key, then a string, each shorter than 128 bytes: five bytes around the two
   * tell. False, with nothing read, for any other.
   */
  #plainKeyValue(into: KeyValues, end: number, depth: number): boolean {
    const { reader } = this;
    const { view, pos } = reader;
    if (end - pos < 6 || view.getUint8(pos) !== 10) return false;
    const keyEnd = pos + 2 + view.getUint8(pos + 1);
    // A length of 128 or more would reach beyond `end` here or fail one of the comparisons with it.
    if (keyEnd + 4 > end || view.getUint8(keyEnd) !== 18 || view.getUint8(pos + 1) > 0x7f) return false;
    if (keyEnd + 2 + view.getUint8(keyEnd + 1) !== end || view.getUint8(keyEnd + 1) > 0x7f) return false;
    if (view.getUint8(keyEnd + 2) !== 10 || keyEnd + 4 + view.getUint8(keyEnd + 3) !== end) return false;
    const isKept = this.#mayKeep(depth);
    this.#count();
    if (isKept) into.add(this.text(pos + 2, keyEnd), this.text(keyEnd + 4, end));
    reader.pos = end;
    return true;
  }

  /** Decodes the AnyValue from `start` to `end`; a negative start stands for one that was not sent. */
  valueAt(start: number, end: number, depth: number): AnyValue {
    if (start < 0) {
      this.#count();
      return null;
    }
    this.reader.pos = start;
    return this.value(end, depth);
  }

  /** Decodes an AnyValue that came in several pieces. */
  joined(pieces: readonly Uint8Array[], depth: number): AnyValue {
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#joinable -= size;
    if (this.#joinable < 0) {
      const most = this.#limits.maxJoinedBytes;
      throw this.reader.error(`values in pieces of more than ${most} bytes`, this.reader.pos);
    }
    const reader = new WireReader(Buffer.concat(pieces, size), "AnyValue in pieces");
    const decoder = new ValueDecoder(reader, this.#texts, this.#limits);
    decoder.#left = this.#left;
    decoder.#joinable = this.#joinable;
    decoder.#enoughAt = this.#enoughAt;
    const value = decoder.value(size, depth);
    this.#left = decoder.#left;
    this.#joinable = decoder.#joinable;
    this.#enoughAt = decoder.#enoughAt;
    return value;
  }

  /** @throws OtlpDecodeError when a message that is already in `count` pieces may have no further one */
  checkPieces(count: number): void {
    if (count < this.#limits.maxPieces) return;
    const { within, pos } = this.reader;
    throw this.reader.error(`a part of ${within} in more than ${this.#limits.maxPieces} pieces`, pos);
  }

  /** @throws OtlpTooLargeError when a record that already has `count` attributes may have no further one */
  checkAttributes(count: number): void {
    if (count < this.#limits.maxValues) return;
    throw this.reader.excess(`more than ${this.#limits.maxValues} attributes`, this.reader.pos);
  }

  /** Decodes the AnyValue between `pos` and `end`: of several members the last one counts. */
  value(end: number, depth: number): AnyValue {
    const { reader } = this;
    this.#count();
    let left = this.#left;
    let value: AnyValue = null;
    let list: AnyValue[] | undefined;
    let map: KeyValues | undefined;
    while (reader.pos < end) {
      reader.within = "AnyValue";
      const tag = reader.tag(end);
      switch (tag) {
        case 10: {
          const stop = reader.stop(end);
          value = this.text(reader.pos, stop);
          reader.pos = stop;
          break;
        }
        case 16:
          reader.varint(end);
          value = reader.low !== 0 || reader.high !== 0;
          break;
        case 24:
          reader.varint(end);
          value = signedInteger(reader.low, reader.high);
          break;
        case 33: {
          const double = reader.view.getFloat64(reader.fixed64(end), true);
          value = Number.isInteger(double) ? new IntegralDouble(double) : double;
          break;
        }
        case 42: {
          // A list that is already there is added to: the pieces of one message.
          if (value !== list || list === undefined) {
            list = [];
            left = this.#letGo(left);
          }
          value = list;
          this.#list(list, reader.stop(end), depth + 1);
          break;
        }
        case 50: {
          if (value !== map || map === undefined) {
            map = new KeyValues();
            left = this.#letGo(left);
          }
          value = map;
          this.#map(map, reader.stop(end), depth + 1);
          break;
        }
        case 58: {
          const stop = reader.stop(end);
          // A copy: a view would keep the whole request alive, and the request's buffer may be used again.
          value = new Uint8Array(reader.bytes.subarray(reader.pos, stop));
          reader.pos = stop;
          break;
        }
        case 64:
          // An index into the table of a profile; elsewhere it counts as no value.
          reader.varint(end);
          value = null;
          break;
        default:
          reader.skip(tag, end);
      }
    }
    if (this.#left !== left && value !== list && value !== map) this.#letGo(left);
    return value;
  }

  #list(into: AnyValue[], end: number, depth: number): void {
    const { reader } = this;
    this.#checkDepth(depth);
    while (reader.pos < end) {
      reader.within = "ArrayValue";
      const tag = reader.tag(end);
      if (tag === 10) {
        const isKept = this.#mayKeep(depth);
        const item = this.value(reader.stop(end), depth);
        if (isKept) into.push(item);
      } else {
        reader.skip(tag, end);
      }
    }
  }

  #map(into: KeyValues, end: number, depth: number): void {
    const { reader } = this;
    this.#checkDepth(depth);
    while (reader.pos < end) {
      reader.within = "KeyValueList";
      const tag = reader.tag(end);
      if (tag === 10) this.keyValue(into, reader.stop(end), depth);
      else reader.skip(tag, end);
    }
  }

  #checkDepth(depth: number): void {
    if (depth <= this.#limits.maxDepth) return;
    throw this.reader.error(`values nested more than ${this.#limits.maxDepth} levels deep`, this.reader.pos);
  }

  /** Attributes are bounded by who decodes them. */
  #mayKeep(depth: number): boolean {
    return depth === 0 || this.#left > this.#enoughAt;
  }

  /** What was made since `left` were left is not kept after all: another member of its AnyValue came. */
  #letGo(left: number): number {
    this.#enoughAt -= left - this.#left;
    return this.#left;
  }

  #count(): void {
    this.#left -= 1;
    if (this.#left >= 0) return;
    throw this.reader.excess(`more than ${this.#limits.maxValues} values in one request`, this.reader.pos);
  }
}

/** Two's complement of 64 bits: a number while that is exact beyond doubt, else a bigint. */
function signedInteger(low: number, high: number): number | bigint {
  const signed = high | 0;
  if (signed < HIGH_SAFE && signed >= -HIGH_SAFE) {
    const value = signed * 0x1_0000_0000 + low;
    if (Number.isSafeInteger(value)) return value;
  }
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
}
