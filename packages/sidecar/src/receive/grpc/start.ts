/** The OTLP/gRPC door: its sockets and HTTP/2 sessions, from listening to closing. */
import {
  constants,
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
import { UnseenCalls } from "./unseen-calls.ts";

const { NGHTTP2_ENHANCE_YOUR_CALM } = constants;

/** What a line of a header counts for beside its name and its value. */
const HEADER_LINE_BYTES = 32;

/** Headers beyond the limit, before the connection is ended. */
const MAX_OFFENCES = 2;

/**
 * Calls of a connection that are open without having been let in: refused ones that do not take their answer, and
 * questions about health. A connection that is known may have sent many at once.
 */
const MAX_STRANGE_CALLS = 16;
const MAX_IDLE_CALLS = 100;

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
  const server = openServer(settings);
  const door = new Door(server, settings, ports, log, settings.headersTimeoutMs);
  const exporter = createExporter("grpc", handler, ports, log);
  const serve = createServer(settings, exporter, ports, log, door.pace);
  const unseen = new UnseenCalls(ports.clock, (connection) => {
    log.malformed("calls that were reset for their headers");
    door.connections.cut(connection);
  });
  const sessions = trackSessions(server, door.connections, settings, log, unseen);
  const guard = createCallGuard(settings, door.connections, log);
  server.on(
    "stream",
    (
      stream: ServerHttp2Stream,
      headers: IncomingHttpHeaders,
      _flags: number,
      headerLines: readonly string[],
    ) => {
      // A call that the client cancels is no failure of ours.
      stream.on("error", () => undefined);
      const { session } = stream;
      const connection = session && sessions.get(session);
      if (session === undefined || connection === undefined) {
        // Its client has gone already.
        stream.destroy();
        return;
      }
      unseen.see(session);
      if (!guard(stream, connection, headerLines)) return;
      const visit = door.receive(connection, stream);
      const dismiss = (): void => {
        if (!connection.known && !session.closed) door.dismiss(connection, () => session.close());
      };
      void serve(stream, { headers, headerLines }, visit, dismiss).then(() =>
        door.expectTaken(connection, stream),
      );
    },
  );
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
    maxHeaderListPairs: 64,
    // In MB: header blocks, what waits to be sent, and the state of the calls. Messages that come are not in it.
    maxSessionMemory: 2,
    // Frames that break the protocol, and calls beyond the limits, before the connection is ended.
    maxSessionInvalidFrames: 20,
    maxSessionRejectedStreams: 20,
  };
  const { tls } = settings;
  if (tls === undefined) return createPlainServer(options);
  return createSecureServer({ ...options, ...tlsOptionsOf(tls, settings.headersTimeoutMs) });
}

/** Says whether a call may be looked at; one that may not, or its connection, is ended. */
type CallGuard = (
  stream: ServerHttp2Stream,
  connection: Connection,
  headerLines: readonly string[],
) => boolean;

/**
 * Keeps limits that nghttp2 does not. Its limit on headers is in force only once the client has acknowledged it,
 * which a hostile one never does. See {@link UnseenCalls} on what Node refuses.
 */
function createCallGuard(
  { maxHeaderBytes }: GrpcReceiverSettings,
  connections: Connections,
  log: DoorLog,
): CallGuard {
  const offences = new WeakMap<Connection, number>();
  const open = new WeakMap<Connection, number>();
  const countOffence = (connection: Connection): void => {
    log.malformed("a header beyond the limit");
    const count = (offences.get(connection) ?? 0) + 1;
    offences.set(connection, count);
    if (count > MAX_OFFENCES) connections.cut(connection);
  };
  return (stream, connection, headerLines) => {
    if (measureHeader(headerLines) > maxHeaderBytes) {
      stream.close(NGHTTP2_ENHANCE_YOUR_CALM);
      countOffence(connection);
      return false;
    }
    const others = open.get(connection) ?? 0;
    if (others - connection.underWay >= (connection.known ? MAX_IDLE_CALLS : MAX_STRANGE_CALLS)) {
      log.malformed("too many calls that were not let in");
      connections.cut(connection);
      return false;
    }
    open.set(connection, others + 1);
    stream.once("close", () => {
      open.set(connection, (open.get(connection) ?? 1) - 1);
      // Its trailers; Node has reset it.
      if (stream.rstCode === NGHTTP2_ENHANCE_YOUR_CALM) countOffence(connection);
    });
    return true;
  };
}

/** As `SETTINGS_MAX_HEADER_LIST_SIZE` counts (RFC 9113, section 6.5.2). */
function measureHeader(lines: readonly string[]): number {
  let bytes = 0;
  for (const line of lines) bytes += line.length + HEADER_LINE_BYTES / 2;
  return bytes;
}

/** Gives the open sessions with their connections. */
function trackSessions(
  server: Http2Server | Http2SecureServer,
  connections: Connections,
  settings: GrpcReceiverSettings,
  log: DoorLog,
  unseen: UnseenCalls,
): ReadonlyMap<Http2Session, Connection | undefined> {
  const open = new Map<Http2Session, Connection | undefined>();
  server.on("session", (session: ServerHttp2Session) => {
    const connection = connections.find(session.socket);
    open.set(session, connection);
    session.once("close", () => open.delete(session));
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    if (connection === undefined) return;
    unseen.watch(session, connection);
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
