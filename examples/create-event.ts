/**
 * Makes an event, writes it as JSON, and sends it: no OpenTelemetry.
 *
 *   EVENTS_URL=https://events.acme.internal/ingest node create-event.ts
 */
import { createEvent } from "@coresdk/cloudevents";
import { encode } from "@coresdk/cloudevents/http";

const event = createEvent({
  type: "io.coresdk.policy.decision",
  source: "https://orders.acme.com",
  subject: "tenant/acme/user/usr_2xK9",
  datacontenttype: "application/json",
  data: { result: "allowed" },
});
console.log(JSON.stringify(event));

const { headers, body } = encode(event);
const response = await fetch(process.env["EVENTS_URL"] ?? "http://127.0.0.1:8080/", {
  method: "POST",
  headers,
  body,
});
console.log(response.status);
