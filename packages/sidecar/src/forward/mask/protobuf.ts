/**
 * A protobuf request with its text masked: fields in which nothing was found keep their bytes, those around a
 * change get new lengths, unknown fields stay where they were.
 *
 *   message = (tag value)*
 *   tag     = varint of fieldNumber << 3 | wireType
 *   value   = varint (0) | 8 bytes (1) | varint length, bytes (2) | 4 bytes (5)
 *
 * An embedded message may come in several pieces, which are masked each by itself.
 */
import { type MaskerCore, OtlpDecodeError, REDACTED } from "@coresdk/pipeline";
import { EVENT_NAMES, type FieldKind, MAX_DEPTH, type MessageFields } from "./messages.ts";
import { ValueLimit } from "./value-limit.ts";

/** AnyValue { string_value: "[REDACTED]" } */
const REDACTED_VALUE: Uint8Array = Buffer.concat([Uint8Array.of(10, REDACTED.length), Buffer.from(REDACTED)]);
const LENGTH_DELIMITED = 2;
const EVENT_NAME_FIELD = 12;
const ATTRIBUTES_FIELD = 6;

/** Masks requests; `eventsOnly` leaves log records that are no events, and what is around them alone, as they are. */
export class ProtobufMasking {
  readonly #core: MaskerCore;
  readonly #eventsOnly: boolean;
  readonly #limit: ValueLimit;

  constructor(core: MaskerCore, eventsOnly: boolean, limit: ValueLimit = new ValueLimit()) {
    this.#core = core;
    this.#eventsOnly = eventsOnly;
    this.#limit = limit;
  }

  /**
   * @returns the request masked; the same bytes when nothing was found
   * @throws OtlpDecodeError when the bytes are no such request
   * @throws TooManyValuesError when the limit does not allow as many values as are in it
   */
  mask(request: Uint8Array, fields: MessageFields): Uint8Array {
    const bytes = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
    return this.#message(bytes, fields) ?? request;
  }

  /** The message masked; `undefined` when nothing was found, as in all of these. */
  #message(bytes: Buffer, fields: MessageFields): Buffer | undefined {
    if (this.#eventsOnly && fields.holdsRecords && !holdsEvent(bytes, fields)) return undefined;
    const outer = this.#limit.enterRecord();
    const masked = rewrite(bytes, (field, value) => {
      const kind = fields.byNumber.get(field);
      return kind === undefined ? undefined : this.#field(value, kind);
    });
    this.#limit.leaveRecord(outer);
    return masked;
  }

  #field(value: Buffer, kind: FieldKind): Uint8Array | undefined {
    this.#limit.count();
    switch (kind.kind) {
      case "text":
        return this.#text(value);
      case "name":
        return this.#name(value);
      case "keyValue":
        return this.#keyValue(value, "", 0);
      case "anyValue":
        return this.#anyValue(value, "", 0);
      case "message":
        return this.#message(value, kind.message);
    }
  }

  #text(bytes: Buffer): Uint8Array | undefined {
    this.#limit.countText();
    const text = bytes.toString("utf8");
    const masked = this.#core.text(text);
    return masked === text ? undefined : Buffer.from(masked);
  }

  #name(bytes: Buffer): Uint8Array | undefined {
    this.#limit.countText();
    const key = bytes.toString("utf8");
    const masked = this.#core.key(key);
    return masked === key ? undefined : Buffer.from(masked);
  }

  #keyValue(bytes: Buffer, parent: string, depth: number): Buffer | undefined {
    this.#limit.count();
    this.#limit.countValue();
    // Of a key that was given twice receivers take the last one; none of them may be blocked.
    const keys = textsOf(bytes, 1);
    const treatments = (keys.length === 0 ? [""] : keys).map((key) => this.#core.treat(key, parent));
    const isBlocked = treatments.includes("redact");
    const isKept = treatments.every((treatment) => treatment === "keep");
    const key = keys.at(-1) ?? "";
    return rewrite(bytes, (field, value) => {
      if (field === 1) return this.#name(value);
      if (field !== 2 || isKept) return undefined;
      if (isBlocked) return holdsNothing(value) ? undefined : REDACTED_VALUE;
      return treatments.includes("id") && isTraceIdValue(value)
        ? undefined
        : this.#anyValue(value, key, depth);
    });
  }

  #anyValue(bytes: Buffer, key: string, depth: number): Uint8Array | undefined {
    this.#limit.count();
    if (depth > MAX_DEPTH) {
      this.#core.fail();
      return REDACTED_VALUE;
    }
    const number = this.#number(bytes);
    if (number !== undefined) return number;
    return rewrite(bytes, (field, value) => {
      switch (field) {
        case 1:
          return this.#text(value);
        case 5:
          return rewrite(value, (inner, item) => {
            if (inner !== 1) return undefined;
            this.#limit.countValue();
            return this.#anyValue(item, key, depth + 1);
          });
        case 6:
          return rewrite(value, (inner, item) =>
            inner === 1 ? this.#keyValue(item, key, depth + 1) : undefined,
          );
        case 7: {
          const masked = this.#core.bytes(value);
          return masked === value ? undefined : masked;
        }
        default:
          return undefined;
      }
    });
  }

  /** A number that is a card's, or that the user looks for, becomes text. */
  #number(bytes: Buffer): Uint8Array | undefined {
    if (bytes.length === 0 || (bytes[0] !== 24 && bytes[0] !== 33)) return undefined;
    let isSensitive = false;
    const reader = new FieldReader(bytes);
    while (reader.next()) {
      if (reader.tag === 24) isSensitive = this.#isSensitive(BigInt.asIntN(64, reader.varint));
      else if (reader.tag === 33) isSensitive = this.#isSensitive(bytes.readDoubleLE(reader.valueAt));
      else return undefined;
    }
    return isSensitive ? REDACTED_VALUE : undefined;
  }

  #isSensitive(number: number | bigint): boolean {
    return this.#core.findInNumber(number) !== undefined;
  }
}

/** Replaces the length-delimited fields of a message for which `mask` gives other bytes. */
function rewrite(
  bytes: Buffer,
  mask: (field: number, value: Buffer) => Uint8Array | undefined,
): Buffer | undefined {
  let changes: Change[] | undefined;
  let grown = 0;
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.wireType !== LENGTH_DELIMITED) continue;
    const { lengthAt, valueAt, end } = reader;
    const masked = mask(reader.field, bytes.subarray(valueAt, end));
    if (masked === undefined) continue;
    changes ??= [];
    changes.push({ lengthAt, end, masked });
    grown += varintBytes(masked.length) + masked.length - (end - lengthAt);
  }
  return changes === undefined ? undefined : writeChanges(bytes, changes, bytes.length + grown);
}

/** A field's new value, and where its length begins and its old value ends. */
interface Change {
  readonly lengthAt: number;
  readonly end: number;
  readonly masked: Uint8Array;
}

/** Writes into one buffer: a request may have a million changes, and a view for each stretch between costs more. */
function writeChanges(bytes: Buffer, changes: readonly Change[], length: number): Buffer {
  const written = Buffer.allocUnsafe(length);
  let at = 0;
  let copied = 0;
  for (const { lengthAt, end, masked } of changes) {
    at += bytes.copy(written, at, copied, lengthAt);
    at = writeVarint(written, at, masked.length);
    written.set(masked, at);
    at += masked.length;
    copied = end;
  }
  bytes.copy(written, at, copied);
  return written;
}

/** The texts of a field, in order. */
function textsOf(bytes: Buffer, field: number): string[] {
  const texts: string[] = [];
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === field && reader.wireType === LENGTH_DELIMITED) {
      texts.push(bytes.toString("utf8", reader.valueAt, reader.end));
    }
  }
  return texts;
}

/** True when the message, or one within it, is a record that has an event name. */
function holdsEvent(bytes: Buffer, fields: MessageFields): boolean {
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.wireType !== LENGTH_DELIMITED) continue;
    const value = bytes.subarray(reader.valueAt, reader.end);
    if (fields.isRecord) {
      if (reader.field === EVENT_NAME_FIELD && value.length > 0) return true;
      if (reader.field === ATTRIBUTES_FIELD && textsOf(value, 1).some((key) => EVENT_NAMES.has(key)))
        return true;
      continue;
    }
    const kind = fields.byNumber.get(reader.field);
    if (kind?.kind === "message" && kind.message.holdsRecords && holdsEvent(value, kind.message)) return true;
  }
  return false;
}

/** AnyValue { bool_value } and nothing else. */
const FLAG = 16;

/** Under the key of a secret no value, `true` and `false` say that there is one, and not which: as in events. */
function holdsNothing(value: Buffer): boolean {
  return value.length === 0 || (value.length === 2 && value[0] === FLAG) || value.equals(REDACTED_VALUE);
}

const ID_TEXT = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i;

function isTraceIdValue(value: Buffer): boolean {
  // AnyValue { string_value } with 16 or 32 characters and nothing else.
  return value[0] === 10 && value[1] === value.length - 2 && ID_TEXT.test(value.toString("latin1", 2));
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) bytes += 1;
  return bytes;
}

/** @returns where it ends */
function writeVarint(bytes: Buffer, from: number, value: number): number {
  let at = from;
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}

/** Steps through the fields of one message. */
class FieldReader {
  readonly #bytes: Buffer;
  #at = 0;
  tag = 0;
  /** Where the length of a length-delimited field stands. */
  lengthAt = 0;
  valueAt = 0;
  /** Behind the value. */
  end = 0;
  /** The value of a varint field. */
  varint = 0n;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get field(): number {
    return this.tag >>> 3;
  }

  get wireType(): number {
    return this.tag & 7;
  }

  /** @throws OtlpDecodeError when the bytes are no message */
  next(): boolean {
    this.#at = this.end;
    if (this.#at >= this.#bytes.length) return false;
    this.tag = this.#small();
    if (this.tag < 8) throw fault("a field number of 0");
    this.lengthAt = this.#at;
    this.valueAt = this.#at;
    switch (this.wireType) {
      case 0:
        this.varint = this.#whole();
        break;
      case 1:
        this.#at += 8;
        break;
      case 2: {
        const length = this.#small();
        this.valueAt = this.#at;
        this.#at += length;
        break;
      }
      case 5:
        this.#at += 4;
        break;
      default:
        throw fault(`wire type ${this.wireType}, which OTLP does not use`);
    }
    if (this.#at > this.#bytes.length) throw fault("a field that is cut off");
    this.end = this.#at;
    return true;
  }

  /** A varint of 32 bits. */
  #small(): number {
    const first = this.#bytes[this.#at];
    if (first !== undefined && first < 0x80) {
      this.#at++;
      return first;
    }
    let value = 0;
    for (let place = 1; place <= 2 ** 28; place *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw fault("a number that is cut off");
      value += (byte & 0x7f) * place;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw fault("a number beyond 32 bits");
  }

  #whole(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw fault("a number that is cut off");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw fault("a number of more than 10 bytes");
  }
}

function fault(what: string): OtlpDecodeError {
  return new OtlpDecodeError(`the request has ${what}`);
}
