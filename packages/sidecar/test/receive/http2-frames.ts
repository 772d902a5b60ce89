/** HTTP/2 frames as raw bytes, well made and not (RFC 9113, section 4.1). */
import { grpcPaths } from "./doors.ts";

/** What each connection begins with (RFC 9113, section 3.4). */
export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export function h2Frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

export const settingsFrame = h2Frame(4, 0, 0);

/** POST to the logs method unless told otherwise, every header a literal without indexing (RFC 7541, section 6.2.2). */
export function headersFrame(
  stream: number,
  flags: number,
  extra: readonly (readonly [string, string])[] = [],
  path: string = grpcPaths.logs,
): Buffer {
  const pairs: readonly (readonly [string, string])[] = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "x"],
    ["content-type", "application/grpc"],
    ...extra,
  ];
  const text = (value: string): Buffer => Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
  const block = pairs.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]);
  return h2Frame(1, flags, stream, Buffer.concat(block));
}

export const END_HEADERS = 4;
export const END_STREAM = 1;
