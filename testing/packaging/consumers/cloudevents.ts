/** What a user of `@coresdk/cloudevents` writes: every entry used, types included. */
import { isDeepStrictEqual } from "node:util";
import { type CloudEvent, CloudEventError, createEvent } from "@coresdk/cloudevents";
import * as http from "@coresdk/cloudevents/http";
import * as json from "@coresdk/cloudevents/json";
import * as kafka from "@coresdk/cloudevents/kafka";

const event: CloudEvent<{ total: number }> = createEvent({
  type: "com.acme.order.created",
  source: "/orders",
  subject: "42",
  datacontenttype: "application/json",
  data: { total: 9.5 },
});
// @ts-expect-error a source is text: were the types lost on the way, nothing would object
const notText: number = event.source;

const ways = [
  http.decode(http.encode(event)),
  http.decode(http.encode(event, { mode: "binary" })),
  json.decode(json.encode(event)),
  kafka.decode(kafka.encode(event)),
];
const same = ways.every((back) => isDeepStrictEqual(back, event));
let refused = "";
try {
  createEvent({ type: "", source: "/orders" });
} catch (error) {
  if (error instanceof CloudEventError) refused = error.attribute ?? "";
}
const entries = ["", "/http", "/json", "/kafka"].map((path) =>
  import.meta.resolve(`@coresdk/cloudevents${path}`),
);
console.log(JSON.stringify({ same, refused, entries, isText: typeof notText }));
