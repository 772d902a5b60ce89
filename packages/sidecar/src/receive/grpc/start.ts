/** The OTLP/gRPC door: its sockets and HTTP/2 sessions, from listening to closing. */
import {
  createServer as createPlainServer,
  createSecureServer,
  type Http2SecureServer,
  type Http2Server,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from "node:http2";
import type { Socket } from "node:net";
import type { ExportHandler, Receiver } from "../../contracts.ts";
import { type Connection, Connections } from "../connections.ts";
import { createDoorLog, createExporter, type DoorLog, type DoorPorts } from "../door.ts";
import { closeServer, listen } from "../listen.ts";
import type { GrpcReceiverSettings } from "../settings.ts";
import { createServer } from "./serve.ts";

/** What a client may send on one call before the door has read it. */
const STREAM_WINDOW_BYTES = 1024 * 1024;

/** The same for all calls of one connection together. */
const CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;

/**
 * Opens the OTLP/gRPC door; without TLS it speaks HTTP/2 with prior knowledge.
 * @throws when the address cannot be listened on, or the certificate is no good
 */
export async function startGrpcReceiver(
  settings: GrpcReceiverSettings,
  handler: ExportHandler,
  ports: DoorPorts,
): Promise<Receiver> {
  const log = createDoorLog("grpc", ports.facts);
  const serve = createServer(settings, createExporter("grpc", handler, ports.facts), ports, log);
  const server = openServer(settings);
  const connections = new Connections(settings.maxConnections, { clock: ports.clock, log });
  const sessions = trackSessions(server, connections, settings, log);
  let draining = false;
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    // A call that the client cancels is no failure of ours.
    stream.on("error", () => undefined);
    const connection = stream.session && sessions.get(stream.session);
    if (connection !== undefined) {
      connections.begin(connection);
      stream.once("close", () => connections.end(connection));
    }
    void serve(stream, headers, { draining, surplus: connection?.surplus ?? false });
  });

  const address = await listen(server, settings);
  return {
    address,
    full: () => connections.full,
    stopAccepting() {
      draining = true;
    },
    settle: (deadlineMs) => connections.settle(deadlineMs),
    close(deadlineMs) {
      draining = true;
      // GOAWAY: calls under way go on, a client takes new ones elsewhere.
      for (const session of sessions.keys()) session.close();
      return closeServer(server, deadlineMs, ports.clock, () => connections.destroyAll());
    },
  };
}

function openServer(settings: GrpcReceiverSettings): Http2Server | Http2SecureServer {
  const options: ServerOptions = {
    settings: {
      enablePush: false,
      initialWindowSize: STREAM_WINDOW_BYTES,
      maxConcurrentStreams: settings.maxConcurrentStreams,
      maxHeaderListSize: settings.maxHeaderBytes,
    },
    maxHeaderListPairs: 128,
    // Frames that break the protocol, before the connection is ended.
    maxSessionInvalidFrames: 100,
  };
  const { tls } = settings;
  if (tls === undefined) return createPlainServer(options);
  return createSecureServer({
    ...options,
    cert: tls.cert,
    key: tls.key.reveal(),
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
    handshakeTimeout: settings.headersTimeoutMs,
  });
}

/** Counts every socket from its accepting on, before any TLS; gives the open sessions with theirs. */
function trackSessions(
  server: Http2Server | Http2SecureServer,
  connections: Connections,
  settings: GrpcReceiverSettings,
  log: DoorLog,
): ReadonlyMap<Http2Session, Connection | undefined> {
  const open = new Map<Http2Session, Connection | undefined>();
  server.maxConnections = connections.hardLimit;
  // First of all listeners: the others open the session at once.
  server.prependListener("connection", (socket: Socket) =>
    connections.open(socket, settings.headersTimeoutMs),
  );
  server.on("session", (session: ServerHttp2Session) => {
    const connection = connections.find(session.socket);
    open.set(session, connection);
    session.once("close", () => open.delete(session));
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    if (connection === undefined) return;
    // It says GOAWAY as `close` does, but does not wait for the client to hang up.
    connection.close = () => session.destroy();
    session.setTimeout(settings.idleTimeoutMs, () => {
      if (connection.underWay === 0) connections.cut(connection);
      else session.close();
    });
  });
  server.on("sessionError", (error: Error & { code?: string }) => log.malformed(error.code ?? error.name));
  server.on("drop", () => log.connectionRefused());
  server.on("tlsClientError", (error: Error) => log.malformed(`TLS: ${error.name}`));
  return open;
}
