import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { findSocket } from "./address.ts";
import { type ControlRequest, PROTOCOL_VERSION } from "./protocol.ts";

/**
 * `missing`: no sidecar is there. `configuration`: it refuses because its configuration is wrong. `other`: all that
 * there is to say is in the message.
 */
export type ControlFault = "missing" | "configuration" | "other";

/** No sidecar answers, or it refuses; the message is fit to be shown. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly fault: ControlFault;

  constructor(message: string, fault: ControlFault = "other", options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** One answer, and the lines that follow it. */
export interface ControlAnswer {
  /** The answer's fields. */
  readonly fields: ReadonlyMap<string, unknown>;
  /** What comes after it; ends when the sidecar closes. */
  readonly lines: AsyncIterable<string>;
  close(): void;
}

/**
 * Sends one request to the sidecar that holds the queue's directory.
 *
 * @param timeoutMs how long its answer may take; without it, for ever
 * @throws ControlError when there is none, or it refuses
 */
export async function askSidecar(
  queueDir: string,
  request: ControlRequest,
  timeoutMs = 0,
): Promise<ControlAnswer> {
  const socket = await open(queueDir);
  socket.setTimeout(timeoutMs, () => socket.destroy());
  socket.write(`${JSON.stringify({ v: PROTOCOL_VERSION, ...request })}\n`);
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
  // The iterator is taken before the first line, which is lost otherwise.
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  socket.setTimeout(0);
  const fields = first.done === true ? undefined : parseFields(first.value);
  if (fields?.get("ok") !== true) {
    socket.destroy();
    const error = fields?.get("error");
    if (typeof error !== "string") throw new ControlError("the sidecar gave no answer");
    throw new ControlError(error, fields?.get("fault") === "configuration" ? "configuration" : "other");
  }
  return { fields, lines: { [Symbol.asyncIterator]: () => iterator }, close: () => socket.destroy() };
}

function parseFields(line: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null ? new Map(Object.entries(parsed)) : undefined;
  } catch {
    return undefined;
  }
}

function open(queueDir: string): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(findSocket(queueDir));
  socket.once("connect", () => {
    socket.off("error", fail);
    // Later failures end the lines, which is how the reader sees them.
    socket.on("error", () => socket.destroy());
    resolve(socket);
  });
  const fail = (error: NodeJS.ErrnoException): void => {
    const missing = error.code === "ENOENT" || error.code === "ECONNREFUSED";
    const why = missing
      ? "no sidecar is running there"
      : `its control socket cannot be used (${error.code ?? error.message})`;
    const message = `queue directory ${queueDir}: ${why}`;
    reject(new ControlError(message, missing ? "missing" : "other", { cause: error }));
  };
  socket.once("error", fail);
  return promise;
}
