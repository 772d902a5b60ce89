/**
 * Ended spans as events: the emitter as a span processor, and single spans turned into events by hand.
 *
 *   EVENTS_URL=https://events.acme.internal/ingest node spans-as-events.ts
 */
import { CloudEventEmitter, eventFromSpan } from "@coresdk/opentelemetry";
import { TracerProvider } from "@opentelemetry/sdk-trace";

const emitter = new CloudEventEmitter({
  source: "https://orders.acme.com",
  binding: {
    kind: "http",
    endpoint: process.env["EVENTS_URL"] ?? "http://127.0.0.1:8080/",
    batchSize: 50,
    flushSecs: 5,
  },
  // "all" is the default; "marked" takes only spans that name their event type.
  spans: "marked",
});
const provider = new TracerProvider({ spanProcessors: [emitter] });
const tracer = provider.getTracer("orders");

const marked = tracer.startSpan("charge card", {
  attributes: { "cloudevents.event_type": "com.acme.card.charged" },
});
marked.addEvent("io.coresdk.policy.decision", {
  "coresdk.tenant_id": "acme",
  "coresdk.policy.result": "allowed",
});
marked.end();

const plain = tracer.startSpan("render receipt");
plain.end();
console.log(JSON.stringify(eventFromSpan(plain, "https://orders.acme.com")));

await provider.shutdown();
