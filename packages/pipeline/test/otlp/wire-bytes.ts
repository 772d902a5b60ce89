/** Protobuf by hand, for tests that need bytes which no encoder would make. */

export function varint(value: bigint | number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

export function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
}

/** A field of wire type 2: text, bytes or the fields of a message. */
export function field(number: number, ...content: readonly (Uint8Array | string)[]): Uint8Array {
  const inside = join(...content.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  return join(varint((number << 3) | 2), varint(inside.length), inside);
}

export function number(fieldNumber: number, value: bigint | number): Uint8Array {
  return join(varint(fieldNumber << 3), varint(value));
}

export function fixed64(fieldNumber: number, value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return join(varint((fieldNumber << 3) | 1), bytes);
}

export function fixed32(fieldNumber: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return join(varint((fieldNumber << 3) | 5), bytes);
}

/** An AnyValue of text. */
export function text(value: string): Uint8Array {
  return field(1, value);
}

/** A KeyValue as field 6 of a record. */
export function attribute(key: string, value: Uint8Array): Uint8Array {
  return field(6, field(1, key), field(2, value));
}

/** A request of one resource and one scope; each argument is the inside of a record. */
export function request(...records: readonly Uint8Array[]): Uint8Array {
  return field(1, field(2, ...records.map((record) => field(2, record))));
}
