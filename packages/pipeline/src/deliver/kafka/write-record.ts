import { decode } from "@coresdk/cloudevents/json";
import { encode } from "@coresdk/cloudevents/kafka";
import type { SinkEvent } from "../../contracts.ts";
import type { KafkaKey } from "../../settings.ts";
import { integerOptions } from "../integers.ts";

/** A record, all of it in bytes. */
export interface KafkaRecord {
  /** `undefined`: the record has none. */
  readonly key: Buffer | undefined;
  /** `null`: the event has no data, in binary mode. */
  readonly value: Buffer | null;
  readonly headers: Map<Buffer, Buffer>;
}

export type WriteRecord = (event: SinkEvent) => KafkaRecord;

const CONTENT_TYPE = Buffer.from("content-type");
const STRUCTURED = Buffer.from("application/cloudevents+json; charset=UTF-8");

/** The data, and the type of the data: the record's content type is the format's (section 3.3.1). */
const NO_HEADER = new Set(["data", "data_base64", "datacontenttype"]);

/** Attribute names that are kept as header names in bytes: a hostile stream of names must not grow it. */
const MAX_NAMES = 256;
const headerNames = new Map<string, Buffer>();

/**
 * How events become records (Kafka binding). Structured mode takes the event's bytes as they are, and adds the
 * headers of binary mode (section 3.3.3), so that a consumer may filter without parsing.
 */
export function recordWriter(contentMode: "structured" | "binary", key: KafkaKey): WriteRecord {
  const keyOf = keyReader(key);
  return contentMode === "structured"
    ? (event) => writeStructured(eventBytes(event), keyOf)
    : (event) => writeBinary(eventBytes(event), keyOf);
}

/**
 * The event is parsed whole: scanning its bytes for the attributes alone was measured and took longer, at the
 * size that events have.
 */
function writeStructured(bytes: Buffer, keyOf: ReadKey): KafkaRecord {
  const event = parseEvent(bytes);
  const headers = new Map<Buffer, Buffer>([[CONTENT_TYPE, STRUCTURED]]);
  for (const name of Object.keys(event)) {
    const attribute = event[name];
    if (attribute !== null && !NO_HEADER.has(name))
      headers.set(headerName(name), Buffer.from(String(attribute)));
  }
  // A copy: a client that was given up may still have it when the batch is gone.
  return { key: keyOf(event), value: Buffer.from(bytes), headers };
}

/** A JSON object, its members not looked at yet. */
type ParsedEvent = Readonly<Record<string, unknown>>;

function parseEvent(bytes: Buffer): ParsedEvent {
  const event: unknown = JSON.parse(bytes.toString("utf8"));
  if (!isObject(event)) throw new SyntaxError("an event is a JSON object");
  return event;
}

function isObject(value: unknown): value is ParsedEvent {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function writeBinary(event: Buffer, keyOf: ReadKey): KafkaRecord {
  const integers = integerOptions(event);
  const { value, headers } = encode(decode(event, integers), { ...integers, mode: "binary" });
  const bytes = new Map<Buffer, Buffer>();
  for (const [name, text] of Object.entries(headers)) bytes.set(Buffer.from(name), Buffer.from(text));
  return {
    key: keyOf(parseEvent(event)),
    value: value === null ? null : typeof value === "string" ? Buffer.from(value) : asBuffer(value),
    headers: bytes,
  };
}

type ReadKey = (event: ParsedEvent) => Buffer | undefined;

/** Resolves the key's name once. An event without that attribute has no key. */
function keyReader(key: KafkaKey): ReadKey {
  if (key === "none") return () => undefined;
  return (event) => {
    const value = event[key];
    return typeof value === "string" ? Buffer.from(value) : undefined;
  };
}

function headerName(attribute: string): Buffer {
  let name = headerNames.get(attribute);
  if (name === undefined) {
    name = Buffer.from(`ce_${attribute}`);
    if (headerNames.size < MAX_NAMES) headerNames.set(attribute, name);
  }
  return name;
}

function eventBytes({ batch, index }: SinkEvent): Buffer {
  return asBuffer(batch.event(index));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A record batch's own bytes, and what each record and each header takes at least besides its contents. */
const BATCH_OVERHEAD = 61;
const RECORD_OVERHEAD = 7;
const HEADER_OVERHEAD = 2;

/** The least that a record takes in a batch of its own, uncompressed. */
export function leastBatchBytes({ key, value, headers }: KafkaRecord): number {
  let bytes = BATCH_OVERHEAD + RECORD_OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, text] of headers) bytes += HEADER_OVERHEAD + name.length + text.length;
  return bytes;
}
