/**
 * OTLP servers that know nothing of OTLP's messages, only of its framing: what they take and send on are bytes,
 * so that a test can say "the same bytes" and mean it.
 */
import { createServer, request as httpRequest } from "node:http";
import * as grpc from "@grpc/grpc-js";

/** One export: its signal and its message, without transport framing or compression. */
export interface Export {
  readonly signal: Signal;
  readonly contentType: string;
  readonly message: Buffer;
}

export type Signal = "logs" | "traces" | "metrics";

export interface OtlpServer {
  /** As `OTEL_EXPORTER_OTLP_ENDPOINT` has it. */
  readonly endpoint: string;
  readonly exports: readonly Export[];
  of(signal: Signal): readonly Buffer[];
  close(): Promise<void>;
}

const GRPC_METHODS: Readonly<Record<Signal, string>> = {
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
};
const SIGNALS = ["logs", "traces", "metrics"] as const;

/** Sends an export on, and gives back the answer. */
type SendOn = (
  one: Export,
) => Promise<{ readonly status: number; readonly contentType: string; readonly body: Buffer }>;

/** An OTLP/gRPC server; with an address, it is a relay to the server there. */
export async function startGrpcServer(relayTo?: string): Promise<OtlpServer> {
  const exports: Export[] = [];
  const client =
    relayTo === undefined ? undefined : new grpc.Client(relayTo, grpc.credentials.createInsecure());
  const server = new grpc.Server();
  for (const signal of SIGNALS) {
    const path = GRPC_METHODS[signal];
    const handle: grpc.handleUnaryCall<Buffer, Buffer> = (call, callback) => {
      exports.push({ signal, contentType: "application/grpc", message: call.request });
      if (client === undefined) return callback(null, Buffer.alloc(0));
      client.makeUnaryRequest(path, identity, identity, call.request, (error, answer) => {
        callback(error, answer ?? Buffer.alloc(0));
      });
    };
    server.register(path, handle, identity, identity, "unary");
  }
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    exports,
    of: (signal) => messagesOf(exports, signal),
    async close() {
      client?.close();
      server.forceShutdown();
    },
  };
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}

/** An OTLP/HTTP server; with an address, it is a relay to the server there. */
export async function startHttpServer(relayTo?: string): Promise<OtlpServer> {
  const exports: Export[] = [];
  const sendOn = relayTo === undefined ? accept : relayOverHttp(relayTo);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const signal = SIGNALS.find((one) => request.url === `/v1/${one}`);
      if (signal === undefined) return response.writeHead(404).end();
      const contentType = request.headers["content-type"] ?? "";
      const one = { signal, contentType, message: Buffer.concat(chunks) };
      exports.push(one);
      const answer = await sendOn(one);
      return response.writeHead(answer.status, { "content-type": answer.contentType }).end(answer.body);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    exports,
    of: (signal) => messagesOf(exports, signal),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The answer of a collector that took everything. */
const accept: SendOn = async ({ contentType }) => {
  const body = contentType === "application/json" ? Buffer.from("{}") : Buffer.alloc(0);
  return { status: 200, contentType, body };
};

function relayOverHttp(address: string): SendOn {
  return ({ signal, contentType, message }) => {
    return new Promise((resolve, reject) => {
      const headers = { "content-type": contentType, "content-length": message.length };
      const options = { method: "POST", headers, agent: false };
      httpRequest(`http://${address}/v1/${signal}`, options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const { statusCode: status = 500, headers: answered } = answer;
          resolve({ status, contentType: answered["content-type"] ?? "", body: Buffer.concat(chunks) });
        });
      })
        .once("error", reject)
        .end(message);
    });
  };
}

function messagesOf(exports: readonly Export[], signal: Signal): readonly Buffer[] {
  return exports.filter((one) => one.signal === signal).map(({ message }) => message);
}
