/**
 * Reading the few small protobuf messages of an answer. Written with the wire functions of protobuf-es
 * instead of its generated messages, whose run-time takes 100 ms to load.
 */
import { BinaryReader, type WireType } from "@bufbuild/protobuf/wire";

/** How one field is read: its wire type, and what takes its value from the reader. */
export type FieldReader = readonly [type: WireType, read: (reader: BinaryReader) => void];

/**
 * Reads a message field by field; fields that are not named are skipped.
 * @throws when the bytes are no message
 */
export function readFields(bytes: Uint8Array, fields: Readonly<Record<number, FieldReader>>): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const field = fields[number];
    // A field that comes with another wire type counts as unknown.
    if (field?.[0] === type) field[1](reader);
    else reader.skip(type, number);
  }
  if (reader.pos > reader.len) throw new RangeError("the message is cut off");
}

/** What `read` gives, or `undefined` when the bytes are not what they should be: a peer's fault, not ours. */
export function readLeniently<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object that these bytes are the JSON text of; `undefined` when they are not. */
export function parseJsonObject(bytes: Uint8Array): JsonObject | undefined {
  const value = readLeniently((): unknown =>
    JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()),
  );
  return isJsonObject(value) ? value : undefined;
}
