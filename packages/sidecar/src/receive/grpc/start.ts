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
import { createDoorLog, createExporter, type DoorLog, type DoorPorts } from "../door.ts";
import { closeServer, listen } from "../listen.ts";
import type { GrpcReceiverSettings } from "../settings.ts";
import { createServer } from "./serve.ts";

/** Connections beyond the limit that are still answered with a refusal; what comes after is dropped. */
const SURPLUS_CONNECTIONS = 64;

/** A connection beyond the limit is closed after this, its calls having been refused. */
const SURPLUS_MS = 5_000;

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
  const sessions = trackSessions(server, settings, ports, log);
  server.maxConnections = settings.maxConnections + SURPLUS_CONNECTIONS;
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    // A call that the client cancels is no failure of ours.
    stream.on("error", () => undefined);
    void serve(stream, headers, stream.session !== undefined && sessions.surplus.has(stream.session));
  });

  const address = await listen(server, settings);
  const drain = (): void => {
    // GOAWAY: calls under way go on, a client takes new ones elsewhere.
    for (const session of sessions.open) session.close();
  };
  return {
    address,
    stopAccepting() {
      server.close();
      drain();
    },
    close(deadlineMs) {
      drain();
      return closeServer(server, deadlineMs, ports.clock, () => {
        for (const session of sessions.open) session.destroy();
      });
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
    handshakeTimeout: settings.requestTimeoutMs,
  });
}

interface Sessions {
  readonly open: ReadonlySet<ServerHttp2Session>;
  readonly surplus: WeakSet<Http2Session>;
}

function trackSessions(
  server: Http2Server | Http2SecureServer,
  settings: GrpcReceiverSettings,
  ports: DoorPorts,
  log: DoorLog,
): Sessions {
  const open = new Set<ServerHttp2Session>();
  const surplus = new WeakSet<Http2Session>();
  server.on("session", (session: ServerHttp2Session) => {
    open.add(session);
    session.once("close", () => open.delete(session));
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    session.setTimeout(settings.idleTimeoutMs, () => session.close());
    if (open.size > settings.maxConnections) {
      surplus.add(session);
      log.connectionRefused();
      const cancel = ports.clock.schedule(SURPLUS_MS, () => session.destroy());
      session.once("close", cancel);
    }
  });
  server.on("sessionError", (error: Error & { code?: string }) => log.malformed(error.code ?? error.name));
  server.on("drop", () => log.connectionRefused());
  server.on("tlsClientError", (error: Error) => log.malformed(`TLS: ${error.name}`));
  return { open, surplus };
}
