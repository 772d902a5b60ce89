import { FieldReader, LENGTH_DELIMITED } from "./field-reader.ts";
import { EVENT_NAMES, type MessageFields } from "./messages.ts";

const EVENT_NAME_FIELD = 12;
const ATTRIBUTES_FIELD = 6;

/** The texts of a field, in order. */
export function textsOf(bytes: Buffer, field: number): string[] {
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
export function holdsEvent(bytes: Buffer, fields: MessageFields): boolean {
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
