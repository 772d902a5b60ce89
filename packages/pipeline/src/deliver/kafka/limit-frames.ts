import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/**
 * The largest answer that is read. A client would keep whatever a broker announces, up to 2 GiB, before it looks at
 * it. The answers to what a producer asks are small; the largest is the metadata of one topic, with some 50 bytes for
 * each partition, and of all brokers, of less than 100 bytes each.
 */
export const MAX_FRAME_BYTES: number = 1024 * 1024;

/** A response begins with the number of its request. */
const MIN_FRAME_BYTES = 4;
const LENGTH_BYTES = 4;

/** A broker announced an answer of a length that is not read. */
export class FrameLengthError extends Error {
  override readonly name = "FrameLengthError";

  constructor(length: number) {
    super(
      length >= 0 && length < MIN_FRAME_BYTES
        ? `the broker announced an answer of ${length} bytes, which is too short for one`
        : `the broker announced an answer of ${length} bytes, and ${MAX_FRAME_BYTES} are read at most`,
    );
  }
}

/** A broker speaks TLS, and nobody said so. */
export class MissingTlsError extends Error {
  override readonly name = "MissingTlsError";

  constructor() {
    super("the broker requires TLS on this port");
  }
}

/** A broker gave an answer that made the client fail. */
export class BrokerAnswerError extends Error {
  override readonly name = "BrokerAnswerError";

  constructor(cause: unknown) {
    super("the broker gave an answer that makes no sense", { cause });
  }
}

/**
 * Follows the connections of a client, so that a broker fills no memory with what it announces, and ends no process with
 * what it answers.
 */
export class FrameLimit {
  readonly #limited = new WeakSet<Socket>();
  readonly #failed = Promise.withResolvers<void>();
  #fault: Error | undefined;

  /** Resolves once the client failed on an answer: what it was asked for may never be told. */
  get failed(): Promise<void> {
    return this.#failed.promise;
  }

  /** To be called with each socket before it is connected, once or more often. */
  limit(socket: Socket): void {
    if (this.#limited.has(socket)) return;
    this.#limited.add(socket);
    const frames = new FrameReader();
    let isFirst = true;
    const emit: (this: Socket, name: string | symbol, ...values: unknown[]) => boolean = socket.emit;
    // A listener of its own would not keep what is wrong from the client's.
    socket.emit = (name: string | symbol, ...values: unknown[]): boolean => {
      const [chunk] = values;
      if (name !== "data" || !Buffer.isBuffer(chunk)) return emit.call(socket, name, ...values);
      const isTls = isFirst && !(socket instanceof TLSSocket) && isTlsRecord(chunk);
      isFirst = false;
      if (isTls) {
        this.#end(socket, new MissingTlsError());
        return true;
      }
      const wrong = frames.read(chunk);
      if (wrong !== undefined) {
        this.#end(socket, new FrameLengthError(wrong));
        return true;
      }
      try {
        return emit.call(socket, name, ...values);
      } catch (error) {
        this.#failed.resolve();
        this.#end(socket, new BrokerAnswerError(error));
        return true;
      }
    };
  }

  /** Why a connection was ended since this was asked last; `undefined` when none was. */
  takeFault(): Error | undefined {
    const fault = this.#fault;
    this.#fault = undefined;
    return fault;
  }

  #end(socket: Socket, fault: Error): void {
    if (socket.destroyed) return;
    this.#fault = fault;
    socket.destroy(fault);
  }
}

/** `record = type:20..23 3 minor` (RFC 8446, section 5.1). */
function isTlsRecord(chunk: Buffer): boolean {
  const [type = 0, major = 0] = chunk;
  return chunk.length >= 3 && type >= 20 && type <= 23 && major === 3;
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
