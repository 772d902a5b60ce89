/** The sidecar's doors over the real pipeline, and an upstream made with gRPC's own server. */
import {
  createPipeline,
  type FactRecorder,
  type Pipeline,
  systemClock,
  systemRandom,
} from "@coresdk/pipeline";
import { type handleUnaryCall, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { createForwarder } from "../../packages/sidecar/src/forward/forwarder.ts";
import { type ForwardSettings, forwardDefaults } from "../../packages/sidecar/src/forward/settings.ts";
import { createLogsRoute } from "../../packages/sidecar/src/logs/route.ts";
import { logsRouteDefaults } from "../../packages/sidecar/src/logs/settings.ts";
import { createReceivers } from "../../packages/sidecar/src/receive/receivers.ts";
import {
  type DoorSettings,
  grpcReceiverDefaults,
  httpReceiverDefaults,
} from "../../packages/sidecar/src/receive/settings.ts";

const noFacts: FactRecorder = { record: () => undefined };

export interface Doors {
  /** `host:port` */
  readonly grpc: string;
  readonly http: string;
  /** The types of the events committed so far. */
  storedTypes(): Promise<string[]>;
  close(): Promise<void>;
}

/** Opens both doors; events stay in memory. */
export async function openDoors(
  upstream: ForwardSettings | undefined,
  door: Partial<DoorSettings> = {},
): Promise<Doors> {
  const ports = { clock: systemClock, random: systemRandom, facts: noFacts, ready: () => true };
  const pipeline: Pipeline = await createPipeline(
    {
      wrap: {
        source: undefined,
        tenant: "acme",
        extensions: ["distributed-tracing"],
        fixedExtensions: {},
        data: "attributes",
        order: "subject",
      },
      queue: { kind: "memory", maxBytes: 1e7, ring: true },
      sinks: [],
      retry: { initialIntervalMs: 1, maxIntervalMs: 1, maxAgeMs: 1 },
    },
    {
      ...ports,
      onFatal: (error) => {
        throw error;
      },
    },
  );
  const forwarder = createForwarder(upstream, ports);
  const logs = createLogsRoute(logsRouteDefaults, { ...ports, pipeline, forwarder });
  const receivers = await createReceivers(
    {
      maxInFlightBytes: 64 * 1024 * 1024,
      grpc: { ...grpcReceiverDefaults, port: 0, ...door },
      http: { ...httpReceiverDefaults, port: 0, ...door },
    },
    (signal, message, encoding) =>
      signal === "logs" ? logs(message, encoding) : forwarder.forward(signal, message, encoding),
    ports,
  );
  return {
    grpc: `127.0.0.1:${receivers.grpc?.address.port}`,
    http: `127.0.0.1:${receivers.http?.address.port}`,
    async storedTypes() {
      const segments = await pipeline.queue.browse(0, { maxEvents: 10_000, maxBytes: 1e7 });
      return segments.flatMap(({ batch, indexes }) => indexes.map((i) => batch.type(i)));
    },
    async close() {
      await receivers.close(0);
      await forwarder.close(0);
      await pipeline.close(0);
    },
  };
}

export const exportMethods = {
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
} as const;

export interface GrpcUpstream {
  readonly settings: ForwardSettings;
  readonly came: Readonly<Record<keyof typeof exportMethods, Buffer[]>>;
  /** Answers calls with this status from now on; 0 is success. */
  answerWith(code: status): void;
  close(): void;
}

/** An OTLP/gRPC server on `@grpc/grpc-js`, which keeps the messages as bytes. */
export async function openGrpcUpstream(): Promise<GrpcUpstream> {
  const came: Record<keyof typeof exportMethods, Buffer[]> = { logs: [], traces: [], metrics: [] };
  let code = status.OK;
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  const keep =
    (signal: keyof typeof exportMethods): handleUnaryCall<Buffer, Buffer> =>
    (call, callback) => {
      came[signal].push(call.request);
      if (code === status.OK) callback(null, Buffer.alloc(0));
      else callback({ code, details: "not now" });
    };
  const asIs = (bytes: Buffer): Buffer => bytes;
  for (const signal of ["logs", "traces", "metrics"] as const) {
    const path = exportMethods[signal];
    server.addService(
      {
        export: {
          path,
          requestStream: false,
          responseStream: false,
          requestSerialize: asIs,
          requestDeserialize: asIs,
          responseSerialize: asIs,
          responseDeserialize: asIs,
        },
      },
      { export: keep(signal) },
    );
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    settings: { ...forwardDefaults, endpoint: `http://127.0.0.1:${port}`, protocol: "grpc" },
    came,
    answerWith(answer) {
      code = answer;
    },
    close: () => server.forceShutdown(),
  };
}
