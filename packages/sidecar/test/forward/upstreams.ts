/** Upstreams for tests: real servers that keep what came and answer as told. */
import { createServer, type ServerResponse } from "node:http";
import {
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { gunzipSync } from "node:zlib";
import { listen } from "../../../../testing/listen.ts";
import { type ForwardSettings, forwardDefaults } from "../../src/forward/settings.ts";
import { encodeStatus, type RpcStatus } from "../../src/protocol/rpc-status.ts";
import { frame } from "../receive/doors.ts";

export interface UpstreamRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The message, decompressed. */
  readonly message: Buffer;
}

export interface Upstream {
  readonly came: UpstreamRequest[];
  readonly settings: ForwardSettings;
  close(): Promise<void>;
}

export interface HttpScript {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** An OTLP/HTTP upstream; answers 200 with an empty response unless told otherwise. */
export async function openHttpUpstream(
  script: (request: UpstreamRequest, response: ServerResponse) => HttpScript | undefined = () => ({
    status: 200,
  }),
  port = 0,
): Promise<Upstream> {
  const came: UpstreamRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = Buffer.concat(chunks);
    const gzip = request.headers["content-encoding"] === "gzip";
    const it = { path: request.url ?? "", headers: request.headers, message: gzip ? gunzipSync(sent) : sent };
    came.push(it);
    const answer = script(it, response);
    // No answer: the upstream hangs.
    if (answer === undefined) return;
    response.writeHead(answer.status, { "content-type": request.headers["content-type"], ...answer.headers });
    response.end(answer.body);
  });
  const listening = await listen(server, port);
  return {
    came,
    settings: { ...forwardDefaults, endpoint: `http://127.0.0.1:${listening}`, protocol: "http/protobuf" },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export interface GrpcScript {
  readonly code: number;
  readonly message?: string;
  readonly response?: Uint8Array;
  readonly details?: RpcStatus["details"];
  readonly headers?: OutgoingHttpHeaders;
}

/** An OTLP/gRPC upstream; answers OK with an empty response unless told otherwise. */
export async function openGrpcUpstream(
  script: (request: UpstreamRequest, stream: ServerHttp2Stream) => GrpcScript | undefined = () => ({
    code: 0,
  }),
  port = 0,
  maxConcurrentStreams = 100,
): Promise<Upstream & { readonly sessions: Set<ServerHttp2Session> }> {
  const came: UpstreamRequest[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server = createHttp2Server({ maxSessionMemory: 256, settings: { maxConcurrentStreams } });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", async (stream, headers) => {
    stream.on("error", () => undefined);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const framed = Buffer.concat(chunks);
    const message = framed.readUInt8(0) === 1 ? gunzipSync(framed.subarray(5)) : framed.subarray(5);
    const it = { path: String(headers[":path"]), headers, message };
    came.push(it);
    const answer = script(it, stream);
    if (answer === undefined) return;
    const { code, message: text = "", details = [], response = new Uint8Array() } = answer;
    const trailers: OutgoingHttpHeaders = { "grpc-status": String(code) };
    if (text !== "") trailers["grpc-message"] = encodeURIComponent(text);
    if (details.length > 0) {
      const status = encodeStatus({ code, message: text, details });
      trailers["grpc-status-details-bin"] = Buffer.from(status).toString("base64");
    }
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", ...answer.headers },
      { waitForTrailers: true },
    );
    stream.end(code === 0 ? frame(response) : undefined);
  });
  const listening = await listen(server, port);
  return {
    came,
    sessions,
    settings: { ...forwardDefaults, endpoint: `http://127.0.0.1:${listening}`, protocol: "grpc" },
    async close() {
      server.close();
      for (const session of sessions) session.destroy();
    },
  };
}
