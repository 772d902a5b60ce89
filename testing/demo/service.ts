/**
 * A small orders service, as a team might have it: it knows OpenTelemetry and nothing of CloudEvents. Where its
 * telemetry goes stands in OTEL_EXPORTER_OTLP_ENDPOINT, as always.
 *
 * It takes orders from nobody and makes them up instead. At the end it prints what it emitted, as JSON.
 */
import { setTimeout as wait } from "node:timers/promises";
import { context, type Span, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

const ROUNDS = 6;
const PAUSE_MS = 250;

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const resource = resourceFromAttributes({ "service.namespace": "shop", "service.name": "orders" });
const delay = { scheduledDelayMillis: 100 };
const logs = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(), ...delay })],
});
const traces = new TracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), ...delay })],
});
const logger = logs.getLogger("orders");
const tracer = traces.getTracer("orders");

const emitted: Record<string, number> = {};
const traceIds = new Set<string>();

/** A log record with an event name is an event; all the rest is OpenTelemetry as usual. */
function emit(eventName: string, attributes: Record<string, string | number>): void {
  logger.emit({ eventName, attributes });
  emitted[eventName] = (emitted[eventName] ?? 0) + 1;
}

async function inSpan(
  name: string,
  kind: SpanKind,
  work: (span: Span) => Promise<void> | void,
): Promise<void> {
  await tracer.startActiveSpan(name, { kind }, async (span) => {
    traceIds.add(span.spanContext().traceId);
    try {
      await work(span);
    } finally {
      span.end();
    }
  });
}

function authorize(tenant: string, user: string): Promise<void> {
  return inSpan("authorize", SpanKind.INTERNAL, () => {
    const who = { "coresdk.tenant_id": tenant, "coresdk.user_id": user };
    emit("io.coresdk.auth.verified", {
      ...who,
      "coresdk.auth.method": "jwt",
      "coresdk.auth.result": "allowed",
    });
    emit("io.coresdk.policy.decision", {
      ...who,
      "coresdk.policy.action": "orders:create",
      "coresdk.policy.result": "allowed",
      "coresdk.policy.latency_us": 31 + Math.round(Math.random() * 40),
    });
  });
}

function takeOrder(round: number): Promise<void> {
  const [tenant, user] = round % 2 === 0 ? ["acme", "usr_2xK9"] : ["globex", "usr_7bQ4"];
  return inSpan("POST /orders", SpanKind.SERVER, async (span) => {
    await authorize(tenant, user);
    // A plain log record: no event, so it goes on over OTLP untouched.
    logger.emit({ severityText: "INFO", body: `order ${round} taken` });
    span.setStatus({ code: SpanStatusCode.OK });
  });
}

function refuseStranger(): Promise<void> {
  return inSpan("POST /orders", SpanKind.SERVER, (span) => {
    emit("io.coresdk.auth.denied", {
      "coresdk.tenant_id": "acme",
      "coresdk.auth.method": "jwt",
      "coresdk.auth.result": "denied",
    });
    emit("io.coresdk.error", {
      "coresdk.tenant_id": "acme",
      "coresdk.problem.type": "https://errors.coresdk.io/auth/token-expired",
      "coresdk.problem.status": 401,
    });
    span.setStatus({ code: SpanStatusCode.ERROR });
  });
}

for (const tenant of ["acme", "globex"]) {
  await inSpan("create tenant", SpanKind.INTERNAL, () => {
    emit("io.coresdk.tenant.created", { "coresdk.tenant_id": tenant });
  });
}
const forever = process.argv.includes("--watch");
for (let round = 0; forever || round < ROUNDS; round++) {
  await takeOrder(round);
  if (round % 6 === 2) await refuseStranger();
  if (round % 6 === 4) {
    await inSpan("refresh secret", SpanKind.INTERNAL, () => {
      emit("io.coresdk.secret.rotated", { "coresdk.tenant_id": "acme", "coresdk.secret.name": "orders/db" });
    });
  }
  await wait(PAUSE_MS);
}
await inSpan("suspend tenant", SpanKind.INTERNAL, () => {
  emit("io.coresdk.tenant.suspended", { "coresdk.tenant_id": "globex", "coresdk.result": "suspended" });
});
await Promise.all([logs.shutdown(), traces.shutdown()]);
process.stdout.write(`${JSON.stringify({ emitted, traceIds: [...traceIds] })}\n`);
