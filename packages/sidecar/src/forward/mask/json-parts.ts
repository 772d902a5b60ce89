/** What masking and counting have in common in reading a request in OTLP/JSON. */
import type { JsonReader } from "./json-reader.ts";
import { EVENT_NAMES, type MessageFields, plainName } from "./messages.ts";

/** The items of a list, or the one value that stands in its place. */
export function readItems(reader: JsonReader, read: () => void): void {
  if (reader.peek() === "[") reader.items(read);
  else read();
}

/** The texts of a member of the object ahead, which is left where it is. */
export function stringsOf(reader: JsonReader, member: string): string[] {
  const from = reader.at;
  const found: string[] = [];
  reader.members((name) => {
    if (plainName(name) === member && reader.peek() === '"') found.push(reader.string().text);
    else reader.skip();
  });
  reader.at = from;
  return found;
}

/** True when the object ahead, or one within it, is a record that has an event name; it is left where it is. */
export function holdsEvent(reader: JsonReader, fields: MessageFields): boolean {
  const from = reader.at;
  const found = findsEvent(reader, fields);
  reader.at = from;
  return found;
}

function findsEvent(reader: JsonReader, fields: MessageFields): boolean {
  let found = false;
  if (reader.peek() !== "{") {
    reader.skip();
    return false;
  }
  reader.members((name) => {
    const plain = plainName(name);
    const kind = fields.byName.get(plain);
    if (fields.isRecord && plain === "eventname" && reader.peek() === '"') {
      found = reader.string().text !== "" || found;
    } else if (fields.isRecord && plain === "attributes" && reader.peek() === "[") {
      reader.items(() => {
        found =
          (reader.peek() === "{" && stringsOf(reader, "key").some((key) => EVENT_NAMES.has(key))) || found;
        reader.skip();
      });
    } else if (kind?.kind === "message" && kind.message.holdsRecords) {
      readItems(reader, () => {
        found = findsEvent(reader, kind.message) || found;
      });
    } else {
      reader.skip();
    }
  });
  return found;
}
