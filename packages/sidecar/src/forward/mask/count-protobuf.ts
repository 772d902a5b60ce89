import { FieldReader, LENGTH_DELIMITED } from "./field-reader.ts";
import { MAX_DEPTH, type MessageFields } from "./messages.ts";
import { holdsEvent } from "./protobuf-events.ts";
import type { Counting } from "./value-limit.ts";

const KEY_VALUE_VALUE = 2;
const ARRAY_VALUE = 5;
const KVLIST_VALUE = 6;
const VALUES = 1;

/**
 * Counts what is masked of a protobuf request, before it is. Bytes that are no message are counted as far as they can
 * be read: masking decides about them, and replaces some without looking into them.
 *
 * @param eventsOnly only what is masked when log records that are no events are left alone
 * @throws OtlpTooLargeError when it is more than is masked at once
 */
export function countProtobuf(
  bytes: Buffer,
  fields: MessageFields,
  eventsOnly: boolean,
  count: Counting,
): void {
  countMessage(0, bytes.length, fields);

  function countMessage(from: number, to: number, inMessage: MessageFields): void {
    if (eventsOnly && inMessage.holdsRecords && !holdsEvent(bytes.subarray(from, to), inMessage)) return;
    const outer = count.enterRecord();
    const reader = new FieldReader(bytes, from, to);
    while (reader.nextSound()) {
      if (reader.wireType !== LENGTH_DELIMITED) continue;
      const kind = inMessage.byNumber.get(reader.field);
      switch (kind?.kind) {
        case "text":
        case "name":
          count.countOther();
          break;
        case "keyValue":
          countKeyValue(reader.valueAt, reader.end, 0);
          break;
        case "anyValue":
          countWithin(reader.valueAt, reader.end, 0);
          break;
        case "message":
          count.countOther();
          countMessage(reader.valueAt, reader.end, kind.message);
          break;
      }
    }
    count.leaveRecord(outer);
  }

  function countKeyValue(from: number, to: number, depth: number): void {
    count.countValue();
    const reader = new FieldReader(bytes, from, to);
    while (reader.nextSound()) {
      if (reader.tag === tagOf(KEY_VALUE_VALUE)) countWithin(reader.valueAt, reader.end, depth);
    }
  }

  /** What is in an AnyValue. */
  function countWithin(from: number, to: number, depth: number): void {
    if (depth > MAX_DEPTH) return;
    const reader = new FieldReader(bytes, from, to);
    while (reader.nextSound()) {
      const isArray = reader.tag === tagOf(ARRAY_VALUE);
      if (!isArray && reader.tag !== tagOf(KVLIST_VALUE)) continue;
      const list = new FieldReader(bytes, reader.valueAt, reader.end);
      while (list.nextSound()) {
        if (list.tag !== tagOf(VALUES)) continue;
        if (isArray) {
          count.countValue();
          countWithin(list.valueAt, list.end, depth + 1);
        } else {
          countKeyValue(list.valueAt, list.end, depth + 1);
        }
      }
    }
  }
}

/** The tag of a length-delimited field. */
function tagOf(field: number): number {
  return (field << 3) | LENGTH_DELIMITED;
}
