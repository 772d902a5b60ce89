/**
 * Health and metrics over HTTP, for probes and Prometheus. No contents of events: whoever reaches the port may
 * read all of it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { systemClock } from "@coresdk/pipeline";
import type { ListenAddress } from "../config/settings.ts";
import { Connections } from "../receive/connections.ts";
import { Turns } from "../receive/http/turns.ts";

/** Whether an export of events would be accepted now. */
export interface Readiness {
  readonly ready: boolean;
  /** Why not; `""` when ready. */
  readonly reason: string;
  /** What is not accepted although it is ready: what the upstream gets is its own business. Left out: nothing. */
  readonly remark?: string;
}

export interface AdminPorts {
  readonly readiness: () => Readiness;
  /** What `/readyz?verbose` shows beside it: plain data. */
  readonly details: () => Promise<object>;
  /** The Prometheus text format. */
  readonly metrics: () => Promise<string>;
}

export interface Admin {
  readonly address: ListenAddress;
  close(): Promise<void>;
}

/** Probes and a scraper or two; a further one pushes out the oldest that has asked nothing yet, or the longest idle. */
const MAX_CONNECTIONS = 64;

/** For a request, and between two of them. */
const TIMEOUT_MS = 5_000;

/** Who is pushed out here is no sender, and nothing of anybody's is lost. */
const SILENT = {
  connectionRefused: () => undefined,
  connectionPushedOut: () => undefined,
  malformed: () => undefined,
};

/**
 * Listens.
 *
 * @throws the system's error (`EADDRINUSE`, ...) when it cannot
 */
export async function openAdmin(address: ListenAddress, ports: AdminPorts): Promise<Admin> {
  const server = createServer({
    maxHeaderSize: 8192,
    headersTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    keepAliveTimeout: TIMEOUT_MS,
    // How often Node looks for those that are too slow.
    connectionsCheckingInterval: 1_000,
  });
  const connections = new Connections(MAX_CONNECTIONS, { clock: systemClock, log: SILENT });
  server.maxConnections = connections.hardLimit;
  server.prependListener("connection", (socket: Socket) => connections.open(socket));
  const turns = new Turns();
  const onRequest = (request: IncomingMessage, response: ServerResponse, isExpectationKnown = true): void => {
    const connection = connections.find(request.socket);
    // Whoever has asked something goes after those that have not, and nobody holds a place by not reading.
    if (connection !== undefined) {
      connections.begin(connection);
      connections.endReading(connection);
      connections.end(connection);
    }
    turns.take(request, response, () => {
      if (!isExpectationKnown) {
        response.shouldKeepAlive = false;
        send(request, response, UNKNOWN_EXPECTATION);
        return;
      }
      answer(request, ports).then(
        (reply) => send(request, response, reply),
        () => send(request, response, { status: 500, type: TEXT, body: "failed\n" }),
      );
    });
  };
  server.on("request", (request, response) => onRequest(request, response));
  // Without a listener Node answers these two itself, past every limit.
  server.on("checkContinue", (request, response) => onRequest(request, response));
  server.on("checkExpectation", (request, response) => onRequest(request, response, false));
  await listen(server, address);
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : address.port;
  return { address: { host: address.host, port }, close: () => close(server) };
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const TEXT = "text/plain; charset=utf-8";

/** RFC 9110, section 10.1.1. */
const UNKNOWN_EXPECTATION: Reply = { status: 417, type: TEXT, body: "only 100-continue\n" };

async function answer(request: IncomingMessage, ports: AdminPorts): Promise<Reply> {
  const url = URL.parse(request.url ?? "", "http://admin");
  if (request.method !== "GET" && request.method !== "HEAD") {
    return { status: 405, type: TEXT, body: "only GET\n" };
  }
  switch (url?.pathname) {
    case "/livez":
      return { status: 200, type: TEXT, body: "ok\n" };
    case "/readyz":
      return answerReadiness(url.searchParams.has("verbose"), ports);
    case "/metrics":
      return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: await ports.metrics() };
    default:
      return { status: 404, type: TEXT, body: "/livez /readyz /metrics\n" };
  }
}

async function answerReadiness(verbose: boolean, ports: AdminPorts): Promise<Reply> {
  const { ready, reason, remark } = ports.readiness();
  const status = ready ? 200 : 503;
  if (!verbose) {
    const ok = remark === undefined ? "ok" : `ok; ${remark}`;
    return { status, type: TEXT, body: `${ready ? ok : `not ready: ${reason}`}\n` };
  }
  const details = await ports.details();
  return {
    status,
    type: "application/json",
    body: `${JSON.stringify({ ready, reason, ...details }, null, 2)}\n`,
  };
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return;
  response.writeHead(reply.status, {
    "content-type": reply.type,
    "content-length": Buffer.byteLength(reply.body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(reply.status === 405 ? { allow: "GET, HEAD" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : reply.body);
}

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, () => {
    server.off("error", reject);
    // A connection that could not be accepted (no descriptors left) is its peer's trouble.
    server.on("error", () => {});
    resolve();
  });
  return promise;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
