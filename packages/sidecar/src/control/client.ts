import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { findSocket } from "./address.ts";
import { type ControlRequest, PROTOCOL_VERSION, readTapEnd, type TapEnd } from "./protocol.ts";

/**
 * `missing`: no sidecar is there. `silent`: one is there and does not answer. `configuration`: it refuses because its
 * configuration is wrong. `other`: all that there is to say is in the message.
 */
export type ControlFault = "missing" | "silent" | "configuration" | "other";

/** No sidecar answers, or it refuses; the message is fit to be shown. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly fault: ControlFault;

  constructor(message: string, fault: ControlFault = "other", options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** How long the sidecar may be silent, in ms. */
export interface Patience {
  /** Until its answer. */
  readonly answerMs: number;
  /** Until each line that follows; left out: for ever. */
  readonly lineMs?: number;
}

/** What every sidecar manages whose main thread runs at all, on a busy machine too. */
export const usualPatience: Patience = { answerMs: 10_000 };

/** One answer, and the lines that follow it. */
export interface ControlAnswer {
  /** The answer's fields. */
  readonly fields: ReadonlyMap<string, unknown>;
  /** What comes after the answer of `tap`; throws a ControlError when the sidecar ends before it has said why. */
  readonly lines: AsyncIterable<string>;
  /** Why there are no more lines; `undefined` as long as there may be. */
  ending(): TapEnd | undefined;
  close(): void;
}

/**
 * Sends one request to the sidecar that holds the queue's directory.
 *
 * @throws ControlError when there is none, it does not answer, or it refuses
 */
export async function askSidecar(
  queueDir: string,
  request: ControlRequest,
  patience: Patience = usualPatience,
): Promise<ControlAnswer> {
  const socket = await open(queueDir, patience.answerMs);
  const reader = new LineReader(socket);
  socket.write(`${JSON.stringify({ v: PROTOCOL_VERSION, ...request })}\n`);
  try {
    const first = await reader.next(patience.answerMs);
    if (first === undefined) throw new ControlError("the sidecar ended before it answered");
    const fields = parseFields(first);
    if (fields?.get("ok") !== true) throw refusal(fields);
    let ending: TapEnd | undefined;
    async function* readLines(): AsyncGenerator<string> {
      while (ending === undefined) {
        const line = await reader.next(patience.lineMs ?? 0);
        if (line === undefined && reader.isClosed) return;
        if (line === undefined) throw new ControlError("the sidecar ended");
        ending = readTapEnd(line);
        if (ending === undefined) yield line;
      }
    }
    return { fields, lines: readLines(), ending: () => ending, close: () => reader.close() };
  } catch (error) {
    reader.close();
    throw error;
  }
}

function refusal(fields: ReadonlyMap<string, unknown> | undefined): ControlError {
  const error = fields?.get("error");
  if (typeof error !== "string") return new ControlError("what answers there is no sidecar");
  return new ControlError(error, fields?.get("fault") === "configuration" ? "configuration" : "other");
}

function parseFields(line: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null ? new Map(Object.entries(parsed)) : undefined;
  } catch {
    return undefined;
  }
}

/** The lines of a socket, one at a time. */
class LineReader {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;
  isClosed = false;

  constructor(socket: Socket) {
    const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
    // A socket that is destroyed does not end, and would leave whoever waits for a line without one for ever.
    socket.once("close", () => lines.close());
    this.#socket = socket;
    // The iterator is taken before the first line, which is lost otherwise.
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /**
   * The next line; `undefined` when there is none any more.
   *
   * @param silentMs how long there may be none; 0: for ever
   * @throws ControlError when it takes longer, or the connection breaks
   */
  async next(silentMs: number): Promise<string | undefined> {
    const onTimeout = (): void => void this.#socket.destroy(silence(silentMs));
    this.#socket.setTimeout(silentMs, onTimeout);
    try {
      const { done, value } = await this.#lines.next();
      if (this.#socket.errored instanceof ControlError) throw this.#socket.errored;
      return done === true ? undefined : value;
    } catch (error) {
      if (error instanceof ControlError) throw error;
      const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
      throw new ControlError(
        `the sidecar ended, or cut the connection, as it does with too many${code}`,
        "other",
        { cause: error },
      );
    } finally {
      this.#socket.setTimeout(0, onTimeout);
    }
  }

  close(): void {
    this.isClosed = true;
    this.#socket.destroy();
  }
}

const NONE = "no sidecar is running there";

function silence(ms: number): ControlError {
  return new ControlError(
    `the sidecar gave no answer within ${ms / 1_000} s: it hangs, or has too much to do`,
    "silent",
  );
}

function open(queueDir: string, timeoutMs: number): Promise<Socket> {
  const path = findSocket(queueDir);
  if (path === undefined)
    return Promise.reject(new ControlError(`queue directory ${queueDir}: ${NONE}`, "missing"));
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(path);
  const onTimeout = (): void => void socket.destroy(silence(timeoutMs));
  socket.setTimeout(timeoutMs, onTimeout);
  socket.once("connect", () => {
    socket.setTimeout(0, onTimeout);
    socket.off("error", fail);
    // Whoever reads sees them as well.
    socket.on("error", () => socket.destroy());
    resolve(socket);
  });
  const fail = (error: NodeJS.ErrnoException): void => {
    if (error instanceof ControlError) {
      reject(error);
      return;
    }
    const missing = error.code === "ENOENT" || error.code === "ECONNREFUSED";
    const why = missing ? NONE : `its control socket cannot be used (${error.code ?? error.message})`;
    const message = `queue directory ${queueDir}: ${why}`;
    reject(new ControlError(message, missing ? "missing" : "other", { cause: error }));
  };
  socket.once("error", fail);
  return promise;
}
