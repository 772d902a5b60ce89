import { decode } from "@coresdk/cloudevents/json";
import { encode } from "@coresdk/cloudevents/kafka";
import type { SinkEvent } from "../../contracts.ts";
import type { KafkaKey } from "../../settings.ts";
import { type Attributes, readAttributes } from "./event-attributes.ts";

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

function writeStructured(value: Buffer, keyOf: ReadKey): KafkaRecord {
  const attributes = readAttributes(value);
  const headers = new Map<Buffer, Buffer>([[CONTENT_TYPE, STRUCTURED]]);
  for (const [name, text] of attributes) {
    // Its header is the record's content type, which is the format's here (section 3.3.1).
    if (name !== "datacontenttype") headers.set(headerName(name), Buffer.from(text));
  }
  return { key: keyOf(attributes), value, headers };
}

function writeBinary(event: Buffer, keyOf: ReadKey): KafkaRecord {
  const { value, headers } = encode(decode(event), { mode: "binary" });
  const bytes = new Map<Buffer, Buffer>();
  for (const [name, text] of Object.entries(headers)) bytes.set(Buffer.from(name), Buffer.from(text));
  return {
    key: keyOf(readAttributes(event)),
    value: value === null ? null : typeof value === "string" ? Buffer.from(value) : asBuffer(value),
    headers: bytes,
  };
}

type ReadKey = (attributes: Attributes) => Buffer | undefined;

/** Resolves the key's name once. An event without that attribute has no key. */
function keyReader(key: KafkaKey): ReadKey {
  if (key === "none") return () => undefined;
  return (attributes) => {
    const value = attributes.get(key);
    return value === undefined ? undefined : Buffer.from(value);
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
