/** The OTLP/HTTP door: its sockets, from listening to closing. */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { ExportHandler, Receiver } from "../../contracts.ts";
import { createDoorLog, createExporter, type DoorLog, type DoorPorts } from "../door.ts";
import { closeServer, listen } from "../listen.ts";
import type { HttpReceiverSettings } from "../settings.ts";
import { createServer } from "./serve.ts";

/** Connections beyond the limit that are still answered with a refusal; what comes after is dropped. */
const SURPLUS_CONNECTIONS = 64;

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
  const serve = createServer(settings, createExporter("http", handler, ports.facts), ports, log);
  const surplus = new WeakSet<Socket>();
  let draining = false;

  const server = openServer(settings);
  server.maxConnections = settings.maxConnections + SURPLUS_CONNECTIONS;
  countConnections(server, settings, surplus, log);
  const underWay = new WeakMap<object, ServerResponse>();
  const onRequest = (expectsContinue: boolean) => {
    return (request: IncomingMessage, response: ServerResponse): void => {
      underWay.set(request.socket, response);
      // Writing to a client that has gone is no failure of ours.
      response.on("error", () => undefined);
      const standing = { draining, surplus: surplus.has(request.socket) };
      if (standing.draining || standing.surplus) response.shouldKeepAlive = false;
      void serve(request, response, standing, expectsContinue);
    };
  };
  server.on("request", onRequest(false));
  server.on("checkContinue", onRequest(true));
  answerClientErrors(server, underWay, ports, log);

  const address = await listen(server, settings);
  return {
    address,
    stopAccepting() {
      draining = true;
      server.close();
    },
    close(deadlineMs) {
      draining = true;
      return closeServer(server, deadlineMs, ports.clock, () => server.closeAllConnections());
    },
  };
}

function openServer(settings: HttpReceiverSettings): Server {
  const shortest = Math.min(settings.headersTimeoutMs, settings.requestTimeoutMs);
  const options = {
    maxHeaderSize: settings.maxHeaderBytes,
    headersTimeout: Math.min(settings.headersTimeoutMs, settings.requestTimeoutMs),
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
    cert: tls.cert,
    key: tls.key.reveal(),
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
    handshakeTimeout: settings.headersTimeoutMs,
  });
}

function countConnections(
  server: Server,
  settings: HttpReceiverSettings,
  surplus: WeakSet<Socket>,
  log: DoorLog,
): void {
  let open = 0;
  // Over TLS a request's socket is the one of this second event; both count the same connection once.
  server.on(settings.tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
    open += 1;
    socket.once("close", () => {
      open -= 1;
    });
    if (open > settings.maxConnections) {
      surplus.add(socket);
      log.connectionRefused();
    }
  });
  server.on("drop", () => log.connectionRefused());
  server.on("tlsClientError", (error) => log.malformed(`TLS: ${error.name}`));
}

const statusLines: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "413 Content Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** What is not HTTP, or comes too slowly, gets an answer where one can still be given, and is closed. */
function answerClientErrors(
  server: Server,
  underWay: WeakMap<object, ServerResponse>,
  ports: DoorPorts,
  log: DoorLog,
): void {
  const answered = new WeakSet<object>();
  server.on("clientError", (error: Error & { code?: string }, socket) => {
    if (answered.has(socket)) return;
    answered.add(socket);
    const code = error.code ?? "";
    log.malformed(code);
    const response = underWay.get(socket);
    const free = response === undefined || response.writableFinished || !response.headersSent;
    if (!socket.writable || !free || code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const status = statusLines[code] ?? "400 Bad Request";
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    const cancel = ports.clock.schedule(LINGER_MS, () => socket.destroy());
    socket.once("close", cancel);
  });
}
