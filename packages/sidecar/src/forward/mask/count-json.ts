import { OtlpDecodeError } from "@coresdk/pipeline/thread";
import { holdsEvent, readItems } from "./json-parts.ts";
import { JsonReader } from "./json-reader.ts";
import { type FieldKind, MAX_DEPTH, type MessageFields, plainName } from "./messages.ts";
import type { Counting } from "./value-limit.ts";

/**
 * Counts what is masked of a request in OTLP/JSON, before it is.
 *
 * @param eventsOnly only what is masked when log records that are no events are left alone
 * @throws OtlpDecodeError when it is no JSON, or nested too deep
 * @throws OtlpTooLargeError when it is more than is masked at once
 */
export function countJson(text: string, fields: MessageFields, eventsOnly: boolean, count: Counting): void {
  const reader = new JsonReader(text);
  if (reader.peek() !== "{") throw new OtlpDecodeError("the request is no JSON object");
  countMessage(fields);

  function countMessage(inMessage: MessageFields): void {
    if (reader.peek() !== "{") {
      countUnknown();
      return;
    }
    if (eventsOnly && inMessage.holdsRecords && !holdsEvent(reader, inMessage)) {
      reader.skip();
      return;
    }
    const outer = count.enterRecord();
    reader.members((name) => {
      const kind = inMessage.byName.get(plainName(name));
      if (kind === undefined) countUnknown();
      else readItems(reader, () => countField(kind));
    });
    count.leaveRecord(outer);
  }

  function countField(kind: FieldKind): void {
    switch (kind.kind) {
      case "text":
      case "name":
        countUnknown();
        return;
      case "keyValue":
        countKeyValue(0);
        return;
      case "anyValue":
        countWithin(0);
        return;
      case "message":
        count.countOther();
        countMessage(kind.message);
        return;
    }
  }

  function countKeyValue(depth: number): void {
    count.countValue();
    if (reader.peek() !== "{") {
      countUnknown();
      return;
    }
    reader.members((name) => {
      if (plainName(name) === "value") countWithin(depth);
      else countScalar();
    });
  }

  /** What is in an AnyValue. */
  function countWithin(depth: number): void {
    if (reader.peek() !== "{") {
      countUnknown();
      return;
    }
    if (depth > MAX_DEPTH) {
      reader.skip();
      return;
    }
    reader.members((name) => {
      switch (plainName(name)) {
        case "arrayvalue":
          countValues(() => {
            count.countValue();
            countWithin(depth + 1);
          });
          return;
        case "kvlistvalue":
          countValues(() => countKeyValue(depth + 1));
          return;
        default:
          countScalar();
      }
    });
  }

  /** `{"values": [...]}` */
  function countValues(read: () => void): void {
    if (reader.peek() !== "{") {
      countUnknown();
      return;
    }
    reader.members((name) => {
      if (plainName(name) === "values") readItems(reader, read);
      else countUnknown();
    });
  }

  /** A key, or what a value is: counted with its value, unless it is something else. */
  function countScalar(): void {
    const next = reader.peek();
    if (next === "{" || next === "[") countUnknown();
    else reader.skip();
  }

  function countUnknown(): void {
    count.countOther();
    switch (reader.peek()) {
      case "[":
        reader.items(countUnknown);
        return;
      case "{":
        reader.members(countUnknown);
        return;
      default:
        reader.skip();
    }
  }
}
