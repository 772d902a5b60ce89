import assert from "node:assert/strict";
import { test } from "node:test";
import type { SpanRecord } from "../../src/log-event.ts";
import { orderKeyOf } from "../build-batch.ts";
import { eventsOf, keyValues, mapOf, takeSpan, viewOf } from "./take-in.ts";

const SPAN: SpanRecord = {
  name: "POST /orders",
  kind: "server",
  status: "error",
  statusMessage: "",
  startTime: { seconds: 1_773_930_900, nanos: 250_000_000 },
  endTime: { seconds: 1_773_930_901, nanos: 1_999 },
  attributes: mapOf({ "http.route": "/orders", tenant_id: "acme", "user.id": "u1" }),
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  parentSpanId: "b7ad6b7169203331",
  flags: 1,
  traceState: "a=1",
  resource: { attributes: mapOf({ "service.name": "orders" }) },
  scope: { name: "", version: "" },
};

test("an ended span becomes an event at its end, with the documented data", () => {
  const [event] = eventsOf(takeSpan(SPAN, { source: undefined }));
  assert.match(String(event?.["id"]), /^[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.deepEqual(event, {
    specversion: "1.0",
    type: "io.coresdk.span.ended",
    source: "/orders",
    subject: "tenant/acme/user/u1",
    id: event?.["id"],
    time: "2026-03-19T14:35:01.000001999Z",
    datacontenttype: "application/json",
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    tracestate: "a=1",
    data: {
      name: "POST /orders",
      kind: "server",
      status: "error",
      start_time: "2026-03-19T14:35:00.250Z",
      duration_us: 750_001,
      attributes: { "http.route": "/orders", tenant_id: "acme", "user.id": "u1" },
      trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
      span_id: "00f067aa0ba902b7",
      parent_span_id: "b7ad6b7169203331",
    },
  });
  assert.equal(viewOf(takeSpan(SPAN)).orderKey(0), orderKeyOf("tenant/acme/user/u1"));
});

test("a span names its own type, and the attribute that does is not repeated", () => {
  for (const marker of ["cloudevents.event_type", "coresdk.event_type"]) {
    const attributes = keyValues([[marker, "com.acme.checkout"]]);
    const [event] = eventsOf(takeSpan({ ...SPAN, attributes, parentSpanId: "" }));
    assert.equal(event?.["type"], "com.acme.checkout");
    assert.deepEqual(event?.data?.["attributes"], {});
    assert.equal("parent_span_id" in (event?.data ?? {}), false);
  }
});

test("bodies among a span's attributes are left out and counted", () => {
  const attributes = mapOf({ "http.request.body.content": "secret", "http.request.body.size": 6 });
  const result = takeSpan({ ...SPAN, attributes });
  assert.deepEqual(eventsOf(result)[0]?.data?.["attributes"], { "http.request.body.size": 6 });
  assert.equal(result.bodiesLeftOut, 1);
});
