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
import type { ExportHandler, Receiver } from "../../contracts.ts";
import type { Connection, Connections } from "../connections.ts";
import { createDoorLog, createExporter, type DoorLog, type DoorPorts } from "../door.ts";
import { Door, tlsOptionsOf } from "../open-door.ts";
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
  const door = new Door(server, settings, ports.clock, log, settings.headersTimeoutMs);
  const sessions = trackSessions(server, door.connections, settings, log);
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    // A call that the client cancels is no failure of ours.
    stream.on("error", () => undefined);
    const connection = stream.session && sessions.get(stream.session);
    const standing = door.begin(connection, stream);
    void serve(stream, headers, standing).then(() => door.expectTaken(connection, stream));
  });
  return door.open(settings, () => {
    // GOAWAY: calls under way go on, a client takes new ones elsewhere.
    for (const session of sessions.keys()) session.close();
  });
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
  return createSecureServer({ ...options, ...tlsOptionsOf(tls, settings.headersTimeoutMs) });
}

/** Gives the open sessions with their connections. */
function trackSessions(
  server: Http2Server | Http2SecureServer,
  connections: Connections,
  settings: GrpcReceiverSettings,
  log: DoorLog,
): ReadonlyMap<Http2Session, Connection | undefined> {
  const open = new Map<Http2Session, Connection | undefined>();
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
  return open;
}
