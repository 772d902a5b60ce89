/** OpenTelemetry JS 3.x exporters over each OTLP protocol, against the sidecar's doors. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { OTLPLogExporter as GrpcLogs } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPLogExporter as JsonLogs } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtoLogs } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter as GrpcMetrics } from "@opentelemetry/exporter-metrics-otlp-grpc";
import { OTLPMetricExporter as JsonMetrics } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtoMetrics } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as GrpcTraces } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonTraces } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtoTraces } from "@opentelemetry/exporter-trace-otlp-proto";
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from "@opentelemetry/sdk-logs";
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { ExportLogsServiceRequestSchema } from "../../packages/sidecar/src/otlp/gen/otlp/logs_service_pb.ts";
import { ExportMetricsServiceRequestSchema } from "../../packages/sidecar/src/otlp/gen/otlp/metrics_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../packages/sidecar/src/otlp/gen/otlp/trace_service_pb.ts";
import { openDoors, openGrpcUpstream } from "./otlp-doors.ts";

const ended: (() => unknown)[] = [];
after(async () => {
  for (const end of ended.reverse()) await end();
});

interface Exporters {
  readonly logs: LogRecordExporter;
  readonly traces: SpanExporter;
  readonly metrics: PushMetricExporter;
}

type Compression = NonNullable<NonNullable<ConstructorParameters<typeof ProtoLogs>[0]>["compression"]>;

const protocols: Readonly<
  Record<string, (at: { grpc: string; http: string }, compression: Compression) => Exporters>
> = {
  grpc: ({ grpc }, compression) => {
    const config = { url: `http://${grpc}`, compression };
    return { logs: new GrpcLogs(config), traces: new GrpcTraces(config), metrics: new GrpcMetrics(config) };
  },
  "http/protobuf": ({ http }, compression) => ({
    logs: new ProtoLogs({ url: `http://${http}/v1/logs`, compression }),
    traces: new ProtoTraces({ url: `http://${http}/v1/traces`, compression }),
    metrics: new ProtoMetrics({ url: `http://${http}/v1/metrics`, compression }),
  }),
  "http/json": ({ http }, compression) => ({
    logs: new JsonLogs({ url: `http://${http}/v1/logs`, compression }),
    traces: new JsonTraces({ url: `http://${http}/v1/traces`, compression }),
    metrics: new JsonMetrics({ url: `http://${http}/v1/metrics`, compression }),
  }),
};

const compressions: readonly Compression[] = ["none", "gzip"].map((name) => name as Compression);

for (const [protocol, createExporters] of Object.entries(protocols)) {
  for (const compression of compressions) {
    describe(`OTel JS 3.x over ${protocol}, compression ${compression}`, () => {
      it("has its log events committed and everything else at the upstream", async () => {
        const upstream = await openGrpcUpstream();
        ended.push(() => upstream.close());
        const doors = await openDoors(upstream.settings);
        ended.push(() => doors.close());
        const { logs, traces, metrics } = createExporters(doors, compression);

        const loggers = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter: logs })] });
        const logger = loggers.getLogger("orders");
        for (let i = 0; i < 100; i++) {
          logger.emit({
            eventName: "io.coresdk.policy.decision",
            attributes: { "coresdk.user_id": `u${i}` },
          });
        }
        logger.emit({ body: "no event" });
        await loggers.shutdown();

        const tracers = new TracerProvider({
          spanProcessors: [new BatchSpanProcessor({ exporter: traces })],
        });
        const span = tracers.getTracer("orders").startSpan("GET /orders");
        span.end();
        await tracers.shutdown();

        const reader = new PeriodicExportingMetricReader({ exporter: metrics });
        const meters = new MeterProvider({ readers: [reader] });
        meters.getMeter("orders").createCounter("orders.placed").add(3);
        await meters.shutdown();

        const types = await doors.storedTypes();
        assert.equal(types.length, 100);
        assert.ok(types.every((type) => type === "io.coresdk.policy.decision"));
        const bodies = upstream.came.logs
          .flatMap((bytes) => fromBinary(ExportLogsServiceRequestSchema, bytes).resourceLogs)
          .flatMap((it) => it.scopeLogs)
          .flatMap((it) => it.logRecords)
          .map((record) => record.body?.value.value);
        assert.deepEqual(bodies, ["no event"]);
        const spans = upstream.came.traces
          .flatMap((bytes) => fromBinary(ExportTraceServiceRequestSchema, bytes).resourceSpans)
          .flatMap((it) => it.scopeSpans)
          .flatMap((it) => it.spans);
        assert.deepEqual(
          spans.map(({ name, traceId }) => [name, Buffer.from(traceId).toString("hex")]),
          [["GET /orders", span.spanContext().traceId]],
        );
        const names = upstream.came.metrics
          .flatMap((bytes) => fromBinary(ExportMetricsServiceRequestSchema, bytes).resourceMetrics)
          .flatMap((it) => it.scopeMetrics)
          .flatMap((it) => it.metrics)
          .map(({ name }) => name);
        assert.ok(names.includes("orders.placed"));
      });
    });
  }
}
