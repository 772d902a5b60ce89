/** The OTLP/HTTP door: its sockets, from listening to closing. */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { ExportHandler, Receiver } from "../../contracts.ts";
import type { Connection } from "../connections.ts";
import { createDoorLog, createExporter, type DoorLog, type DoorPorts } from "../door.ts";
import { Door, tlsOptionsOf } from "../open-door.ts";
import type { HttpReceiverSettings } from "../settings.ts";
import { describeTlsFailure } from "../tls-failure.ts";
import { createServer, type Expectation } from "./serve.ts";
import { Turns } from "./turns.ts";

/** After an answer to something that is not HTTP, a client gets this long to read it. */
const LINGER_MS = 1_000;

/**
 * Opens the OTLP/HTTP door.
 * @throws when the address cannot be listened on, or the certificate is no good
 */
export async function startHttpReceiver(
  settings: HttpReceiverSettings,
  handler: ExportHandler,
  ports: DoorPorts,
): Promise<Receiver> {
  const log = createDoorLog("http", ports.facts);
  const server = openServer(settings);
  // A client that has sent its FIN may still be reading: it gets its answer. Node has this as a property alone.
  Object.assign(server, { httpAllowHalfOpen: true });
  // Silence is ended by Node itself, with 408.
  const door = new Door(server, settings, ports, log);
  const exporter = createExporter("http", handler, ports, log);
  const serve = createServer(settings, exporter, ports, log, door.pace);
  const findConnection = rememberConnections(door);
  const turns = new Turns();
  const onRequest = (expectation: Expectation) => {
    return (request: IncomingMessage, response: ServerResponse): void => {
      // Writing to a client that has gone is no failure of ours.
      response.on("error", () => undefined);
      const connection = findConnection(request.socket);
      if (connection === undefined) {
        // Its client has gone already.
        request.socket.destroy();
        return;
      }
      const taken = turns.take(request, response, () => {
        const visit = door.receive(connection, response);
        void serve(request, response, visit, expectation).then(() => door.expectTaken(connection, response));
      });
      if (!taken) log.malformed("too many requests before an answer");
    };
  };
  server.on("request", onRequest("none"));
  // Without a listener Node answers these two itself, past the token and every limit.
  server.on("checkContinue", onRequest("continue"));
  server.on("checkExpectation", onRequest("unknown"));
  answerClientErrors(server, turns, ports, log);

  return door.open(settings);
}

function openServer(settings: HttpReceiverSettings): Server {
  const shortest = Math.min(settings.headersTimeoutMs, settings.requestTimeoutMs);
  const options = {
    maxHeaderSize: settings.maxHeaderBytes,
    headersTimeout: shortest,
    requestTimeout: settings.requestTimeoutMs,
    keepAliveTimeout: settings.idleTimeoutMs,
    // How often Node looks for clients that are too slow: often enough to keep the limits' meaning.
    connectionsCheckingInterval: Math.min(Math.max(Math.floor(shortest / 4), 20), 5_000),
    noDelay: true,
  };
  const { tls } = settings;
  if (tls === undefined) return createHttpServer(options);
  return createHttpsServer({
    ...options,
    ...tlsOptionsOf(tls, settings.headersTimeoutMs),
    allowHalfOpen: true,
  });
}

/** The way from a request's socket to its connection, looked for once. */
function rememberConnections(door: Door): (socket: Socket) => Connection | undefined {
  const found = new WeakMap<Socket, Connection>();
  return (socket) => {
    const known = found.get(socket);
    if (known !== undefined) return known;
    const connection = door.connections.find(socket);
    if (connection !== undefined) {
      found.set(socket, connection);
      socket.once("end", () => door.expectGone(connection));
    }
    return connection;
  };
}

const statusLines: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "413 Content Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** Pieces that may follow what is not HTTP, while the requests before it are still being answered. */
const MAX_FOLLOWING = 16;

/**
 * What is not HTTP, or comes too slowly, gets an answer where one can still be given, and is closed; requests that came
 * whole before it get theirs first.
 */
function answerClientErrors(server: Server, turns: Turns, ports: DoorPorts, log: DoorLog): void {
  const following = new WeakMap<object, number>();
  const end = (socket: Duplex, code: string): void => {
    const response = turns.serving(socket);
    const free = response === undefined || response.writableFinished || !response.headersSent;
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    const status = statusLines[code] ?? "400 Bad Request";
    if (free) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    // It was turned down before this was found: that answer is on its way, whole.
    else socket.end();
    const cancel = ports.clock.schedule(LINGER_MS, () => socket.destroy());
    socket.once("close", cancel);
  };
  server.on("clientError", (error: Error & { code?: string }, socket) => {
    const pieces = following.get(socket) ?? 0;
    following.set(socket, pieces + 1);
    if (pieces > 0) {
      if (pieces > MAX_FOLLOWING) socket.destroy();
      return;
    }
    const code = error.code ?? "";
    // A failed handshake is counted as that.
    const isHandshake = socket instanceof TLSSocket && describeTlsFailure(error, socket) !== undefined;
    if (!isHandshake) log.malformed(code);
    if (!socket.writable || code === "ECONNRESET") socket.destroy();
    else turns.finish(socket, () => end(socket, code));
  });
}
