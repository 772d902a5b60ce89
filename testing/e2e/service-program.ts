/** A service on OTel JS 3.x; `testing-otel2` runs it on 2.x as well. */
import { ROOT_CONTEXT, type Span, trace } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from "@opentelemetry/sdk-logs";
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { type Protocol, readProtocol, runService } from "./service-steps.ts";

interface Exporters {
  readonly logs: LogRecordExporter;
  readonly spans: SpanExporter;
  readonly metrics: PushMetricExporter;
}

async function createExporters(protocol: Protocol): Promise<Exporters> {
  switch (protocol) {
    case "grpc": {
      const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-grpc");
      const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-grpc");
      const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-grpc");
      return {
        logs: new OTLPLogExporter(),
        spans: new OTLPTraceExporter(),
        metrics: new OTLPMetricExporter(),
      };
    }
    case "http/protobuf": {
      const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-proto");
      const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
      const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-proto");
      return {
        logs: new OTLPLogExporter(),
        spans: new OTLPTraceExporter(),
        metrics: new OTLPMetricExporter(),
      };
    }
    case "http/json": {
      const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-http");
      const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
      const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-http");
      return {
        logs: new OTLPLogExporter(),
        spans: new OTLPTraceExporter(),
        metrics: new OTLPMetricExporter(),
      };
    }
  }
}

const exporters = await createExporters(readProtocol());
const resource = resourceFromAttributes({ "service.namespace": "shop", "service.name": "orders" });
const logs = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: exporters.logs })],
});
const traces = new TracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor({ exporter: exporters.spans })],
});
const metrics = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({ exporter: exporters.metrics })],
});
const logger = logs.getLogger("orders", "1.0.0");
let span: Span | undefined;

await runService({
  emit(record, within) {
    const context = within && span !== undefined ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
    logger.emit({ ...record, context });
  },
  trace(name) {
    span = traces.getTracer("orders").startSpan(name);
    span.end();
    const { traceId, spanId } = span.spanContext();
    return { traceId, spanId };
  },
  count: (name, amount) => metrics.getMeter("orders").createCounter(name).add(amount),
  flushLogs: () => logs.forceFlush(),
  shutdown: async () => void (await Promise.all([logs.shutdown(), traces.shutdown(), metrics.shutdown()])),
});
