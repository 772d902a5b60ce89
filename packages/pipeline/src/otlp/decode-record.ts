/**
 * LogRecord (opentelemetry-proto logs.proto).
 *
 *   LogRecord = 1 time_unix_nano:fixed64, 11 observed_time_unix_nano:fixed64, 2 severity_number:varint,
 *               3 severity_text:string, 5 body:AnyValue, (6 attribute:KeyValue)*,
 *               7 dropped_attributes_count:varint, 8 flags:fixed32, 9 trace_id:bytes, 10 span_id:bytes,
 *               12 event_name:string
 *
 * A record is scanned first: where its fields stand is noted in place, and nothing is made of them. Only a
 * record that turns out to be an event is decoded, from the noted positions.
 */
import { MAX_EVENT_VALUES } from "../depth.ts";
import { type EventNameOrigin, KeyValues, type LogEvent, type Resource, type Scope } from "../log-event.ts";
import type { ValueDecoder } from "./decode-value.ts";
import { HexMemo } from "./hex.ts";
import { readTime } from "./unix-time.ts";

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
/** The least bytes of a KeyValue that names an event: key, one character of value, and the six bytes around them. */
const SHORTEST_NAMING = "event.name".length + 7;

/** An event with as many is refused when it is wrapped, so that no more of them need memory. */
const ENOUGH_ATTRIBUTES = MAX_EVENT_VALUES + 2;

/** Scans and decodes the records of one request; the positions noted belong to the record scanned last. */
export class RecordDecoder {
  readonly #values: ValueDecoder;
  #timeAt = -1;
  #observedAt = -1;
  #severityNumber = 0;
  #severityAt = 0;
  #severityEnd = 0;
  /** Start and end of each piece of the body; one, unless the sender is odd. */
  readonly #body: number[] = [];
  #bodyWords = 0;
  /** Start and end of each attribute. Only the first `#attributeWords` entries belong to this record. */
  readonly #attributes: number[] = [];
  #attributeWords = 0;
  #attributeCount = 0;
  #dropped = 0;
  #flagsAt = -1;
  #traceAt = 0;
  #traceLength = 0;
  #spanAt = 0;
  #spanLength = 0;
  #nameAt = 0;
  #nameEnd = 0;
  #name = "";
  #origin: EventNameOrigin = "field";
  readonly #traceIds = new HexMemo(TRACE_ID_BYTES);
  readonly #spanIds = new HexMemo(SPAN_ID_BYTES);

  constructor(values: ValueDecoder) {
    this.#values = values;
  }

  /** Scans the record between the reader's position and `end`; true when it is an event. */
  scan(end: number): boolean {
    const { reader } = this.#values;
    this.#forget();
    while (reader.pos < end) {
      reader.within = "LogRecord";
      const tag = reader.tag(end);
      switch (tag) {
        case 9:
          this.#timeAt = reader.fixed64(end);
          break;
        case 89:
          this.#observedAt = reader.fixed64(end);
          break;
        case 16:
          reader.varint(end);
          this.#severityNumber = reader.low | 0;
          break;
        case 26:
          this.#severityEnd = reader.stop(end);
          this.#severityAt = reader.pos;
          reader.pos = this.#severityEnd;
          break;
        case 42:
          this.#values.checkPieces(this.#bodyWords / 2);
          this.#note(this.#body, this.#bodyWords, reader.stop(end));
          this.#bodyWords += 2;
          break;
        case 50: {
          this.#values.checkAttributes(this.#attributeCount);
          this.#attributeCount += 1;
          const stop = reader.stop(end);
          // Beyond what is enough, only what may name the event is of interest.
          if (this.#attributeCount <= ENOUGH_ATTRIBUTES || stop - reader.pos >= SHORTEST_NAMING) {
            this.#note(this.#attributes, this.#attributeWords, stop);
            this.#attributeWords += 2;
          }
          reader.pos = stop;
          break;
        }
        case 56:
          reader.varint(end);
          this.#dropped = reader.low;
          break;
        case 69:
          this.#flagsAt = reader.fixed32(end);
          break;
        case 74: {
          const stop = reader.stop(end);
          this.#traceAt = reader.pos;
          this.#traceLength = stop - reader.pos;
          reader.pos = stop;
          break;
        }
        case 82: {
          const stop = reader.stop(end);
          this.#spanAt = reader.pos;
          this.#spanLength = stop - reader.pos;
          reader.pos = stop;
          break;
        }
        case 98:
          this.#nameEnd = reader.stop(end);
          this.#nameAt = reader.pos;
          reader.pos = this.#nameEnd;
          break;
        default:
          reader.skip(tag, end);
      }
    }
    if (this.#nameEnd > this.#nameAt) {
      this.#name = this.#values.text(this.#nameAt, this.#nameEnd);
      return true;
    }
    const named = this.#findName();
    reader.pos = end;
    return named;
  }

  /** Makes the event of the record scanned last. */
  event(resource: Resource, scope: Scope, index: number): LogEvent {
    const values = this.#values;
    const { reader } = values;
    const { view } = reader;
    const attributes = new KeyValues();
    values.begin();
    const words = Math.min(this.#attributeWords, 2 * ENOUGH_ATTRIBUTES);
    for (let i = 0; i < words; i += 2) {
      reader.pos = this.#attributes[i] ?? 0;
      values.keyValue(attributes, this.#attributes[i + 1] ?? 0, 0);
    }
    return {
      eventName: this.#name,
      eventNameOrigin: this.#origin,
      time: this.#timeAt < 0 ? undefined : readTime(view, this.#timeAt),
      observedTime: this.#observedAt < 0 ? undefined : readTime(view, this.#observedAt),
      severityNumber: this.#severityNumber,
      severityText: values.text(this.#severityAt, this.#severityEnd),
      body: this.#readBody(),
      attributes,
      droppedAttributesCount: this.#dropped,
      traceId: this.#traceLength === TRACE_ID_BYTES ? this.#traceIds.read(view, this.#traceAt) : "",
      spanId: this.#spanLength === SPAN_ID_BYTES ? this.#spanIds.read(view, this.#spanAt) : "",
      flags: this.#flagsAt < 0 ? 0 : view.getUint32(this.#flagsAt, true),
      resource,
      scope,
      index,
    };
  }

  #readBody(): LogEvent["body"] {
    if (this.#bodyWords === 0) return undefined;
    const values = this.#values;
    if (this.#bodyWords === 2) return values.valueAt(this.#body[0] ?? 0, this.#body[1] ?? 0, 0);
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < this.#bodyWords; i += 2) {
      pieces.push(values.reader.bytes.subarray(this.#body[i], this.#body[i + 1]));
    }
    return values.joined(pieces, 0);
  }

  #note(places: number[], at: number, stop: number): void {
    const { reader } = this.#values;
    places[at] = reader.pos;
    places[at + 1] = stop;
    reader.pos = stop;
  }

  #forget(): void {
    this.#timeAt = -1;
    this.#observedAt = -1;
    this.#severityNumber = 0;
    this.#severityAt = 0;
    this.#severityEnd = 0;
    this.#bodyWords = 0;
    this.#attributeWords = 0;
    this.#attributeCount = 0;
    this.#dropped = 0;
    this.#flagsAt = -1;
    this.#traceLength = 0;
    this.#spanLength = 0;
    this.#nameAt = 0;
    this.#nameEnd = 0;
    this.#name = "";
    this.#origin = "field";
  }

  /** Looks for the attributes that name an event (semantics, section 1); the first one of a name counts. */
  #findName(): boolean {
    for (let i = 0; i < this.#attributeWords; i += 2) {
      const start = this.#attributes[i] ?? 0;
      const end = this.#attributes[i + 1] ?? 0;
      if (end - start < SHORTEST_NAMING) continue;
      const key = this.#namingKey(start, end);
      if (key === undefined || (key === "event.name" && this.#name !== "")) continue;
      const attribute = new KeyValues();
      this.#values.reader.pos = start;
      this.#values.keyValue(attribute, end, 0);
      const name = attribute.values[0];
      if (typeof name !== "string" || name === "") continue;
      this.#name = name;
      this.#origin = key;
      if (key === "otel.event.name") break;
    }
    return this.#name !== "";
  }

  /** The key of the attribute between `start` and `end`, if it is one that names an event. */
  #namingKey(start: number, end: number): "otel.event.name" | "event.name" | undefined {
    const { reader } = this.#values;
    let keyAt = 0;
    let keyEnd = 0;
    reader.pos = start;
    reader.within = "KeyValue";
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) {
        keyEnd = reader.stop(end);
        keyAt = reader.pos;
        reader.pos = keyEnd;
      } else {
        reader.skip(tag, end);
      }
    }
    const length = keyEnd - keyAt;
    if (length !== "event.name".length && length !== "otel.event.name".length) return undefined;
    const key = this.#values.text(keyAt, keyEnd);
    return key === "otel.event.name" || key === "event.name" ? key : undefined;
  }
}
