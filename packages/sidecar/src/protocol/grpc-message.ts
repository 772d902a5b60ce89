/**
 * gRPC's Length-Prefixed-Message (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md):
 *
 *   message = compressed:u8 (0 | 1)  length:u32 big-endian  length*byte
 */
import { Chunks } from "./chunks.ts";

export const PREFIX_BYTES = 5;

/** One whole message as it came. */
export interface FramedMessage {
  readonly compressed: boolean;
  readonly bytes: Buffer;
}

export type FrameProgress =
  | "incomplete"
  /** A whole message is there. */
  | "complete"
  /** The prefix announces more than the limit. */
  | "too_large"
  /** The flag is neither 0 nor 1, or more follows than the one message of a unary call. */
  | "malformed";

/** Puts the one message of a unary call together; what it announces is checked before it is kept. */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #chunks = new Chunks();
  #announcedBytes = -1;
  #compressed = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes held so far. */
  get heldBytes(): number {
    return this.#chunks.byteLength;
  }

  push(chunk: Buffer): FrameProgress {
    if (chunk.length > 0) this.#chunks.push(chunk);
    return this.#announcedBytes < 0 ? this.#readPrefix() : this.#progress();
  }

  /** The message, once {@link MessageReader.push} said `complete`. */
  take(): FramedMessage {
    return { compressed: this.#compressed, bytes: this.#chunks.join().subarray(PREFIX_BYTES) };
  }

  clear(): void {
    this.#chunks.clear();
  }

  #readPrefix(): FrameProgress {
    if (this.#chunks.byteLength < PREFIX_BYTES) return "incomplete";
    const prefix = this.#chunks.join();
    const flag = prefix.readUInt8(0);
    if (flag > 1) return "malformed";
    this.#compressed = flag === 1;
    this.#announcedBytes = prefix.readUInt32BE(1);
    return this.#announcedBytes > this.#maxBytes ? "too_large" : this.#progress();
  }

  #progress(): FrameProgress {
    const missing = this.#announcedBytes + PREFIX_BYTES - this.#chunks.byteLength;
    if (missing > 0) return "incomplete";
    return missing === 0 ? "complete" : "malformed";
  }
}

/** The prefix of a message. */
export function encodePrefix(length: number, compressed: boolean): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt8(compressed ? 1 : 0, 0);
  prefix.writeUInt32BE(length, 1);
  return prefix;
}

/** Percent-encodes a `grpc-message`: what is not printable ASCII, and `%`. */
export function encodeGrpcMessage(message: string): string {
  return Buffer.from(message)
    .toString("latin1")
    .replace(/[^\x20-\x24\x26-\x7e]/g, (byte) => `%${hexByte(byte.charCodeAt(0))}`);
}

/** Decodes a `grpc-message`; what is not encoded properly stays as it is. */
export function decodeGrpcMessage(text: string): string {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString();
}

function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
