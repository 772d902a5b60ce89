/**
 * A service that logs with pino and knows no OpenTelemetry in its own code: the instrumentation makes log
 * records of its lines, and those with `otel.event.name` are events.
 */
import { createRequire } from "node:module";
import { context, logs, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { PinoInstrumentation } from "@opentelemetry/instrumentation-pino";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import type { pino as Pino } from "pino";

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const provider = new LoggerProvider({
  resource: resourceFromAttributes({ "service.name": "orders" }),
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
});
logs.setGlobalLoggerProvider(provider);
new PinoInstrumentation().enable();
// The instrumentation hooks `require`; an ES module is hooked with a loader, which changes nothing in here.
const { pino }: { pino: typeof Pino } = createRequire(import.meta.url)("pino");

const logger = pino({ base: null }, pino.destination({ dest: "/dev/null" }));
const span = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7", traceFlags: 1 };
context.with(trace.setSpanContext(ROOT_CONTEXT, span), () => {
  logger.info("order 42 taken");
  logger.info(
    { "otel.event.name": "com.acme.order.created", "tenant.id": "acme", order: { id: "42", total: 9.5 } },
    "created",
  );
  logger.warn({ "otel.event.name": "io.coresdk.tenant.suspended", "coresdk.tenant_id": "acme" });
});
await provider.shutdown();
