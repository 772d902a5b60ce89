/**
 * Emits events with nothing but OpenTelemetry: the sidecar makes CloudEvents of them.
 *
 *   npx coresdk-sidecar --http https://events.acme.internal/ingest --source https://orders.acme.com
 *   node emit-through-sidecar.ts           (OTEL_EXPORTER_OTLP_ENDPOINT, default http://localhost:4318)
 *
 * The batch processor sends an export again when the sidecar asks for that; ids stay the same then. One that
 * sends each record alone may send two records of the same bytes, which would count as one event.
 */
import { ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

const resource = resourceFromAttributes({ "service.name": "orders" });
const traces = new TracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
});
const logs = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
});

const span = traces.getTracer("orders").startSpan("POST /orders", { kind: SpanKind.SERVER }, ROOT_CONTEXT);
logs.getLogger("orders").emit({
  eventName: "io.coresdk.auth.verified",
  attributes: {
    "coresdk.tenant_id": "acme",
    "coresdk.user_id": "usr_2xK9",
    "coresdk.auth.method": "jwt",
    "coresdk.auth.result": "allowed",
  },
  // In a request handler the active span is found by itself; here it is named.
  context: trace.setSpan(ROOT_CONTEXT, span),
});
span.end();

await Promise.all([logs.shutdown(), traces.shutdown()]);
console.log("exported", span.spanContext().traceId);
