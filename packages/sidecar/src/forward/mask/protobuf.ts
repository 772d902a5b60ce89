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
import { type MaskerCore, REDACTED } from "@coresdk/pipeline/thread";
import { countProtobuf } from "./count-protobuf.ts";
import { FieldReader, LENGTH_DELIMITED } from "./field-reader.ts";
import { type FieldKind, MAX_DEPTH, type MessageFields } from "./messages.ts";
import { holdsEvent, textsOf } from "./protobuf-events.ts";
import { ValueCount, ValueLimit } from "./value-limit.ts";

/** AnyValue { string_value: "[REDACTED]" } */
const REDACTED_VALUE: Uint8Array = Buffer.concat([Uint8Array.of(10, REDACTED.length), Buffer.from(REDACTED)]);

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
   * @throws OtlpTooLargeError when more is in it than is masked at once
   * @throws TooManyValuesError when the limit does not allow as many values as are in it
   */
  mask(request: Uint8Array, fields: MessageFields): Uint8Array {
    const bytes = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
    if (!this.#limit.isBounded) countProtobuf(bytes, fields, this.#eventsOnly, new ValueCount());
    return this.#message(bytes, fields) ?? request;
  }

  /** The message masked; `undefined` when nothing was found, as in all of these. */
  #message(bytes: Buffer, fields: MessageFields): Buffer | undefined {
    if (this.#eventsOnly && fields.holdsRecords && !holdsEvent(bytes, fields)) return undefined;
    return rewrite(bytes, (field, value) => {
      const kind = fields.byNumber.get(field);
      return kind === undefined ? undefined : this.#field(value, kind);
    });
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
    const text = bytes.toString("utf8");
    const masked = this.#core.text(text);
    return masked === text ? undefined : Buffer.from(masked);
  }

  #name(bytes: Buffer): Uint8Array | undefined {
    const key = bytes.toString("utf8");
    const masked = this.#core.key(key);
    return masked === key ? undefined : Buffer.from(masked);
  }

  #keyValue(bytes: Buffer, parent: string, depth: number): Buffer | undefined {
    this.#limit.count();
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
