import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { type ControlAddress, prepareAddress } from "./address.ts";
import { compileFilters, FilterError } from "./filter.ts";
import {
  formatTapEnd,
  MAX_REQUEST_BYTES,
  PROTOCOL_VERSION,
  type Reloaded,
  readRequest,
  type SidecarStatus,
  type TapRequest,
} from "./protocol.ts";
import { type EventSource, runTap } from "./tap.ts";

export interface ControlPorts {
  readonly events: EventSource;
  /** What policy denies, which is nowhere stored. */
  readonly denied: EventSource;
  readonly status: () => Promise<SidecarStatus>;
  /** Reads the configuration again; resolves to what came of it. */
  readonly reload: () => Promise<Reloaded>;
}

export interface Control {
  /** The socket's path. */
  readonly path: string;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 32;
/** As many again are told that there are too many; beyond, they are cut. */
const MAX_ACCEPTED = 2 * MAX_CONNECTIONS;
/** A client says what it wants at once. */
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** What a client gets to take the last line. */
const CLOSE_TIMEOUT_MS = 500;

/** Connections that are given events, and what ends that. */
type Taps = Map<Socket, AbortController>;

/**
 * Listens on the socket of the queue's directory, which this process must hold: a socket that is there is stale.
 * @throws ControlSocketError when something else has its name, or there is no place for it
 */
export async function openControl(queueDir: string, ports: ControlPorts): Promise<Control> {
  const address = prepareAddress(queueDir);
  const sockets = new Set<Socket>();
  const taps: Taps = new Map();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    if (sockets.size > MAX_CONNECTIONS) turnAway(socket);
    else serve(socket, ports, taps).catch(() => socket.destroy());
  });
  server.maxConnections = MAX_ACCEPTED;
  await listen(server, address.listenOn);
  try {
    address.publish();
  } catch (error) {
    // A server that goes on would keep the process from its end.
    server.close();
    throw error;
  }
  return {
    path: address.path,
    async close() {
      removeAddress(address);
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      for (const socket of sockets) {
        const tap = taps.get(socket);
        tap?.abort();
        if (tap === undefined) socket.destroy();
        else endTap(socket);
      }
      await promise;
    },
  };
}

/** What cannot be removed is a leftover for the next sidecar, and does not keep this one from its end. */
function removeAddress(address: ControlAddress): void {
  try {
    address.remove();
  } catch {
    // Commands find that nobody listens there.
  }
}

/** Tells a reader of events that the sidecar ends; one that does not read is not waited for. */
function endTap(socket: Socket): void {
  if (socket.writableLength > 0 || socket.writableEnded) {
    socket.destroy();
    return;
  }
  socket.setTimeout(CLOSE_TIMEOUT_MS, () => socket.destroy());
  socket.end(formatTapEnd("closing"), () => socket.destroy());
}

/** Its request is read and dropped: closed with something unread, it would not get the answer. */
function turnAway(socket: Socket): void {
  socket.setTimeout(CLOSE_TIMEOUT_MS, () => socket.destroy());
  socket.resume();
  const error = `the sidecar runs, and has too many connections to its control socket (${MAX_CONNECTIONS} at most): end some, such as tap`;
  end(socket, { ok: false, error });
}

async function serve(socket: Socket, ports: ControlPorts, taps: Taps): Promise<void> {
  socket.setTimeout(REQUEST_TIMEOUT_MS, () => socket.destroy());
  const line = await readLine(socket);
  socket.setTimeout(0);
  if (line === undefined) return;
  const read = readRequest(line);
  if (!read.ok) return end(socket, { ok: false, error: read.error });
  switch (read.request.command) {
    case "status":
      return end(socket, { ok: true, status: await ports.status() });
    case "reload": {
      const { ok, message, isConfigWrong } = await ports.reload();
      if (ok) return end(socket, { ok, message });
      return end(socket, { ok, error: message, ...(isConfigWrong === true && { fault: "configuration" }) });
    }
    case "tap": {
      const gone = new AbortController();
      socket.on("close", () => {
        gone.abort();
        taps.delete(socket);
      });
      taps.set(socket, gone);
      const events = read.request.stage === "denied" ? ports.denied : ports.events;
      return serveTap(socket, read.request, events, gone.signal);
    }
  }
}

async function serveTap(
  socket: Socket,
  request: TapRequest,
  events: EventSource,
  gone: AbortSignal,
): Promise<void> {
  try {
    const { limit, follow } = request;
    const options = {
      filter: compileFilters(request.filters),
      limit,
      follow,
      maxWaitingBytes: MAX_WAITING_BYTES,
    };
    socket.write(formatAnswer({ ok: true }));
    await runTap(events, options, { write: (line) => writeLine(socket, line, gone) }, gone);
    if (!gone.aborted) socket.end(formatTapEnd("complete"));
  } catch (error) {
    if (error instanceof FilterError) end(socket, { ok: false, error: error.message });
    else throw error;
  }
}

function writeLine(socket: Socket, line: Buffer, gone: AbortSignal): Promise<void> {
  if (gone.aborted || socket.write(line)) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once("drain", resolve);
  gone.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

/** One line of at most {@link MAX_REQUEST_BYTES}; `undefined` when the client went away before its end. */
async function readLine(socket: Socket): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let size = 0;
  socket.on("data", (chunk) => {
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) socket.destroy();
  });
  const lines = createInterface({ input: socket });
  lines.once("line", (line) => resolve(line));
  socket.once("close", () => resolve(undefined));
  const line = await promise;
  lines.close();
  socket.resume();
  return line;
}

function end(socket: Socket, answer: object): void {
  socket.end(formatAnswer(answer));
}

function formatAnswer(answer: object): string {
  return `${JSON.stringify({ v: PROTOCOL_VERSION, ...answer })}\n`;
}

function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(path, () => {
    server.off("error", reject);
    // A connection that could not be accepted (no descriptors left) is its peer's trouble.
    server.on("error", () => {});
    resolve();
  });
  return promise;
}
