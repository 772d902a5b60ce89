/**
 * Emits events from an OpenTelemetry logger, delivered in process: no sidecar.
 *
 *   EVENTS_URL=https://events.acme.internal/ingest node emit-in-process.ts
 */
import { CloudEventEmitter } from "@coresdk/opentelemetry";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider } from "@opentelemetry/sdk-logs";

const emitter = new CloudEventEmitter({
  source: "https://orders.acme.com",
  tenant: "acme",
  binding: {
    kind: "http",
    endpoint: process.env["EVENTS_URL"] ?? "http://127.0.0.1:8080/",
    batchSize: 50,
    flushSecs: 5,
  },
  // Events wait on disk and outlive the process; without this they wait in memory.
  ...(process.env["EVENTS_DIR"] === undefined ? {} : { queue: { dir: process.env["EVENTS_DIR"] } }),
  onLoss: ({ reason, count, detail }) => console.error(`${count} events lost (${reason}): ${detail}`),
});
const provider = new LoggerProvider({
  resource: resourceFromAttributes({ "service.name": "orders" }),
  processors: [emitter],
});

const logger = provider.getLogger("orders");
logger.emit({
  eventName: "io.coresdk.policy.decision",
  severityNumber: 9, // INFO; its name stands in `@opentelemetry/api`, or in `api-logs` with OTel JS 2.x
  attributes: {
    "coresdk.user_id": "usr_2xK9",
    "coresdk.policy.action": "orders:create",
    "coresdk.policy.result": "allowed",
    "coresdk.policy.latency_us": 43,
  },
});
logger.emit({ eventName: "com.acme.order.created", body: { order: "42", total: 9.5 } });
// No event name, no event: such records are for the other processors.
logger.emit({ body: "order 42 created" });

await provider.shutdown();
console.log("delivered");
