import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/**
 * The largest answer that is read. A client would keep whatever a broker announces, up to 2 GiB, before it looks at
 * it. The answers to what a producer asks are small; the largest is the metadata of one topic and all brokers, of
 * less than 100 bytes each.
 */
export const MAX_FRAME_BYTES: number = 16 * 1024 * 1024;

/** A response begins with the number of its request. */
const MIN_FRAME_BYTES = 4;
const LENGTH_BYTES = 4;

/** A broker announced an answer of a length that is not read. */
export class FrameLengthError extends Error {
  override readonly name = "FrameLengthError";

  constructor(length: number) {
    super(`the broker announced an answer of ${length} bytes, and ${MAX_FRAME_BYTES} are read at most`);
  }
}

/** Follows the connections of a client, so that a broker fills no memory with what it announces. */
export class FrameLimit {
  readonly #limited = new WeakSet<Socket>();
  #fault: FrameLengthError | undefined;

  /** To be called with each socket before it is connected, once or more often. */
  limit(socket: Socket): void {
    if (this.#limited.has(socket)) return;
    this.#limited.add(socket);
    // Where the client begins to listen, too: what comes first of all is seen, and not before TLS stands.
    socket.once(socket instanceof TLSSocket ? "secureConnect" : "connect", () => this.#follow(socket));
  }

  /** Why a connection was ended since this was asked last; `undefined` when none was. */
  takeFault(): FrameLengthError | undefined {
    const fault = this.#fault;
    this.#fault = undefined;
    return fault;
  }

  /** Ends the connection at a length that is too large, or is none. */
  #follow(socket: Socket): void {
    const frames = new FrameReader();
    socket.on("data", (chunk: Buffer) => {
      // The client itself ends it when the broker speaks TLS where none is expected, and says so.
      if (socket.destroyed) return;
      const wrong = frames.read(chunk);
      if (wrong === undefined) return;
      this.#fault = new FrameLengthError(wrong);
      socket.destroy(this.#fault);
    });
  }
}

/** Reads the lengths of frames: `frame = length:i32 bytes`. */
export class FrameReader {
  #length = 0;
  #lengthRest = LENGTH_BYTES;
  /** Bytes of the frame that are still to come. */
  #rest = 0;

  /** The first length that is not to be read on with; `undefined` when all are right. */
  read(chunk: Buffer): number | undefined {
    for (let at = 0; at < chunk.length; ) {
      const passed = Math.min(this.#rest, chunk.length - at);
      this.#rest -= passed;
      at += passed;
      while (this.#lengthRest > 0 && at < chunk.length && this.#rest === 0) {
        this.#length = (this.#length << 8) | chunk.readUInt8(at++);
        this.#lengthRest -= 1;
      }
      if (this.#lengthRest > 0) continue;
      if (this.#length < MIN_FRAME_BYTES || this.#length > MAX_FRAME_BYTES) return this.#length;
      this.#rest = this.#length;
      this.#length = 0;
      this.#lengthRest = LENGTH_BYTES;
    }
    return undefined;
  }
}
