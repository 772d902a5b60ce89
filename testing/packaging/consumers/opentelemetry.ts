/** What a user of `@coresdk/opentelemetry` writes. */
import { CloudEventEmitter } from "@coresdk/opentelemetry";
import { LoggerProvider } from "@opentelemetry/sdk-logs";

const [endpoint = ""] = process.argv.slice(2);
const emitter = new CloudEventEmitter({
  source: "https://orders.acme.com",
  binding: { kind: "http", endpoint },
});
const provider = new LoggerProvider({ processors: [emitter] });
provider.getLogger("orders").emit({
  eventName: "io.coresdk.tenant.created",
  attributes: { "coresdk.tenant_id": "acme" },
});
await provider.shutdown();
console.log(JSON.stringify({ entries: [import.meta.resolve("@coresdk/opentelemetry")] }));
