import assert from "node:assert/strict";
import { test } from "node:test";
import type { Draft } from "../../src/draft.ts";
import type { ExtensionName } from "../../src/settings.ts";
import { orderKeyOf } from "../build-batch.ts";
import {
  clockOfTest,
  eventsOf,
  jsonRequest,
  logEvent,
  mapOf,
  takeEvents,
  takeRequest,
  viewOf,
  wrapped,
} from "./take-in.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

test("the event name is the type, and specversion is 1.0", () => {
  const event = wrapped({ eventName: "com.acme.order.created" });
  assert.equal(event["type"], "com.acme.order.created");
  assert.equal(event["specversion"], "1.0");
});

test("the source is the configured one", () => {
  const event = wrapped({ resource: { "service.name": "orders" } }, { source: "https://x.example" });
  assert.equal(event["source"], "https://x.example");
});

for (const [title, resource, expected] of [
  ["namespace and name", { "service.name": "orders", "service.namespace": "shop" }, "/shop/orders"],
  ["the name alone", { "service.name": "orders" }, "/orders"],
  ["the namespace alone", { "service.namespace": "shop", "service.name": "" }, "/shop"],
  ["nothing", {}, "/unknown_service"],
  [
    "names that a URI cannot hold",
    { "service.name": "a b/ü%", "service.namespace": "é" },
    "/%C3%A9/a%20b%2F%C3%BC%25",
  ],
] as const) {
  test(`without a configured source it is made of ${title}`, () => {
    assert.equal(wrapped({ resource }, { source: undefined })["source"], expected);
  });
}

test("log.record.uid is the id, and is not repeated in the data", () => {
  const event = wrapped({ attributes: { "log.record.uid": "order-7" } });
  assert.equal(event["id"], "order-7");
  assert.deepEqual(event.data, {});
});

test("an illegal log.record.uid gives way to a computed id and stays an attribute", () => {
  for (const uid of ["", "a\u0007b", "\ud800", "a\ufffd"]) {
    const event = wrapped({ attributes: { "log.record.uid": uid } });
    assert.match(String(event["id"]), /^[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.deepEqual(event.data, { "log.record.uid": uid });
  }
});

for (const [nanos, expected] of [
  [0, "2026-03-19T14:35:00Z"],
  [500_000_000, "2026-03-19T14:35:00.500Z"],
  [120_000, "2026-03-19T14:35:00.000120Z"],
  [1, "2026-03-19T14:35:00.000000001Z"],
  [999_999_999, "2026-03-19T14:35:00.999999999Z"],
] as const) {
  test(`time loses nothing and has no digit too many: ${nanos} ns`, () => {
    assert.equal(wrapped({ time: { seconds: 1_773_930_900, nanos } })["time"], expected);
  });
}

test("time falls back to the observed time, and is absent without either", () => {
  const observedTime = { seconds: 1, nanos: 0 };
  assert.equal(wrapped({ time: undefined, observedTime })["time"], "1970-01-01T00:00:01Z");
  assert.equal("time" in wrapped({ time: undefined }), false);
});

for (const [title, attributes, resource, tenant, expected] of [
  ["both from the record", { tenant_id: "acme", user_id: "u1" }, {}, undefined, "tenant/acme/user/u1"],
  ["no user", { tenant_id: "acme" }, {}, undefined, "tenant/acme"],
  ["no tenant", { user_id: "u1" }, {}, undefined, undefined],
  ["the configured tenant", { "enduser.id": "u1" }, {}, "acme", "tenant/acme/user/u1"],
  ["the resource's before the configured", {}, { "tenant.id": "globex" }, "acme", "tenant/globex"],
  [
    "the record's before the resource's",
    { "tenant.id": "acme" },
    { "coresdk.tenant_id": "globex" },
    undefined,
    "tenant/acme",
  ],
  [
    "the first name of the list before the others",
    {
      "tenant.id": "c",
      tenant_id: "b",
      "coresdk.tenant_id": "a",
      "enduser.id": "z",
      "user.id": "y",
      user_id: "x",
    },
    {},
    undefined,
    "tenant/a/user/x",
  ],
  [
    "an empty one is none",
    { "coresdk.tenant_id": "", "tenant.id": "acme", user_id: "" },
    {},
    undefined,
    "tenant/acme",
  ],
  [
    "an integer",
    { tenant_id: 42, user_id: 9007199254740993n },
    {},
    undefined,
    "tenant/42/user/9007199254740993",
  ],
  ["a list names nobody", { tenant_id: ["a"], "tenant.id": "b" }, {}, undefined, "tenant/b"],
  [
    "percent-encoding",
    { tenant_id: "[REDACTED]", user_id: "a/b c%41:@é" },
    {},
    undefined,
    "tenant/%5BREDACTED%5D/user/a%2Fb%20c%2541:@%C3%A9",
  ],
] as const) {
  test(`subject: ${title}`, () => {
    assert.equal(wrapped({ attributes, resource }, { tenant })["subject"], expected);
  });
}

test("a tenant event is about its tenant, whoever caused it, and keeps the user in its data", () => {
  const attributes = { "coresdk.tenant_id": "acme", "coresdk.user_id": "u1" };
  for (const eventName of ["io.coresdk.tenant.created", "io.coresdk.tenant.suspended"]) {
    const result = takeEvents([logEvent({ eventName, attributes })], {
      extensions: ["partitioning", "authcontext"],
    });
    const [event] = eventsOf(result);
    assert.equal(event?.["subject"], "tenant/acme");
    assert.equal(event?.["partitionkey"], "tenant/acme");
    assert.equal(event?.["authid"], "u1");
    assert.deepEqual(event?.data, { tenant_id: "acme", user_id: "u1" });
    assert.equal(viewOf(result).orderKey(0), undefined);
  }
  assert.equal(wrapped({ eventName: "io.coresdk.error", attributes })["subject"], "tenant/acme/user/u1");
  assert.equal(wrapped({ eventName: "io.coresdk.tenantless", attributes })["subject"], "tenant/acme/user/u1");
});

test("a span event's tenant and user are the span's when it names none, before the resource's", () => {
  const resource = { "coresdk.tenant_id": "resource", "coresdk.user_id": "resource" };
  const enclosing = mapOf({ "tenant.id": "acme", "user.id": "u1", other: "not in the data" });
  const event = wrapped({ eventName: "io.coresdk.error", enclosing, resource });
  assert.equal(event["subject"], "tenant/acme/user/u1");
  assert.deepEqual(event.data, { tenant_id: "acme", user_id: "u1" });
  const own = wrapped({ enclosing, resource, attributes: { user_id: "u2" } });
  assert.equal(own["subject"], "tenant/acme/user/u2");
  assert.deepEqual(own.data, { user_id: "u2" });
  const tenantOnly = wrapped({ enclosing: mapOf({ tenant_id: "acme" }), resource });
  assert.equal(tenantOnly["subject"], "tenant/acme/user/resource");
});

test("traceparent needs both ids, and has the low byte of the flags", () => {
  const flags = 0xffff_ff03;
  assert.equal(wrapped({ traceId: TRACE, spanId: SPAN, flags })["traceparent"], `00-${TRACE}-${SPAN}-03`);
  assert.equal("traceparent" in wrapped({ traceId: TRACE }), false);
  assert.equal("traceparent" in wrapped({ traceId: TRACE, spanId: SPAN }, { extensions: [] }), false);
});

test("an event that carries a traceparent keeps it, without a tracestate of another context", () => {
  const own = "00-00000000000000000000000000000001-0000000000000002-00";
  const event = wrapped({
    traceId: TRACE,
    spanId: SPAN,
    traceState: "a=1",
    attributes: { "cloudevents.traceparent": own },
  });
  assert.equal(event["traceparent"], own);
  assert.equal("tracestate" in event, false);
});

test("tracestate comes from the span context", () => {
  assert.equal(wrapped({ traceId: TRACE, spanId: SPAN, traceState: "a=1" })["tracestate"], "a=1");
});

for (const [extension, expected] of [
  ["severity", { severitynumber: 17, severitytext: "ERROR" }],
  ["recordedtime", { recordedtime: "2026-03-19T14:35:00Z" }],
  ["partitioning", { partitionkey: "tenant/acme/user/u1" }],
  ["authcontext", { authtype: "app_user", authid: "u1" }],
] as const satisfies readonly (readonly [ExtensionName, object])[]) {
  test(`${extension} is added when asked for, and not otherwise`, () => {
    const record = {
      attributes: { tenant_id: "acme", user_id: "u1" },
      severityNumber: 17,
      severityText: "ERROR",
    };
    const names = Object.keys(expected);
    const pick = (event: Record<string, unknown>): object =>
      Object.fromEntries(names.filter((name) => name in event).map((name) => [name, event[name]]));
    assert.deepEqual(pick(wrapped(record, { extensions: [extension] })), expected);
    assert.deepEqual(pick(wrapped(record)), {});
  });
}

test("severity without a number, partition key without a subject and authid without a user stay away", () => {
  const event = wrapped(
    { severityText: "ERROR" },
    { extensions: ["severity", "partitioning", "authcontext"] },
  );
  assert.equal("severitynumber" in event || "severitytext" in event || "partitionkey" in event, false);
  assert.equal(event["authtype"], "unknown");
  assert.equal("authid" in event, false);
});

test("extension attributes are copied from cloudevents.<name>, in their own types", () => {
  const event = wrapped({
    attributes: {
      "cloudevents.sequence": "0042",
      "cloudevents.sampledrate": 30,
      "cloudevents.deprecated": true,
      "cloudevents.payload": Uint8Array.of(1, 2, 3),
      "cloudevents.event_id": "no extension",
      "cloudevents.id": "not the id",
    },
  });
  assert.equal(event["sequence"], "0042");
  assert.equal(event["sampledrate"], 30);
  assert.equal(event["deprecated"], true);
  assert.equal(event["payload"], "AQID");
  assert.equal("event_id" in event, false);
  assert.notEqual(event["id"], "not the id");
});

test("an extension attribute without a value is none, and one with too long a name stays an attribute", () => {
  const long = `cloudevents.${"x".repeat(200)}`;
  const attributes = { "cloudevents.sequence": null, [long]: [1] };
  const event = wrapped({ attributes });
  assert.equal("sequence" in event, false);
  assert.deepEqual(event.data, attributes);
});

test("a fixed extension attribute goes before the record's", () => {
  const attributes = { "cloudevents.dataclassification": "public", "cloudevents.sequence": "1" };
  const event = wrapped({ attributes }, { fixedExtensions: { dataclassification: "internal" } });
  assert.equal(event["dataclassification"], "internal");
  assert.equal(event["sequence"], "1");
});

test("an illegal type, source or subject is refused by place and name, never by value, and its neighbours pass", () => {
  const result = takeEvents(
    [
      logEvent({ eventName: "bad\u0000secret", index: 0 }),
      logEvent({ eventName: "good.one", index: 1 }),
      logEvent({ attributes: { tenant_id: "secret\ud800" }, index: 2 }),
      logEvent({ attributes: { tenant_id: "secret".repeat(10_000) }, index: 4 }),
    ],
    { source: undefined },
  );
  assert.deepEqual(
    eventsOf(result).map((event) => event["type"]),
    ["good.one"],
  );
  assert.deepEqual(
    result.refusals.map(({ index, attribute }) => [index, attribute]),
    [
      [0, "type"],
      [2, "subject"],
      [4, "subject"],
    ],
  );
  assert.doesNotMatch(JSON.stringify(result.refusals), /secret/);
  assert.equal(result.events, 4);
  const noSource = takeEvents([logEvent()], { source: "not a uri" });
  assert.deepEqual(
    noSource.refusals.map(({ attribute }) => attribute),
    ["source"],
  );
  assert.equal(noSource.batch, undefined);
});

test("ids are the same when the same request comes again, and differ within it", () => {
  const record = { timeUnixNano: "1773930900000000000", eventName: "a.b" };
  const request = jsonRequest([record, record, { ...record, eventName: "c" }]);
  const ids = (bytes: Uint8Array): unknown[] => eventsOf(takeRequest(bytes, "json")).map(({ id }) => id);
  assert.deepEqual(ids(request), ids(Uint8Array.from(request)));
  assert.equal(new Set(ids(request)).size, 3);
  // 2026-03-19T14:35:00Z in the first ten characters.
  for (const id of ids(request)) assert.match(String(id), /^01KM38ATH0[0-9A-HJKMNP-TV-Z]{16}$/);
  const other = jsonRequest([record, record, { ...record, eventName: "d" }]);
  assert.equal(new Set([...ids(request), ...ids(other)]).size, 6);
});

test("a record without any time gets a fresh id", () => {
  const request = jsonRequest([{ eventName: "a.b" }, { eventName: "a.b" }]);
  const ids = eventsOf(takeRequest(request, "json")).map(({ id }) => String(id));
  assert.equal(new Set(ids).size, 2);
  assert.deepEqual(ids, ids.toSorted());
});

test("in process, ids are fresh and in the order of the events", () => {
  const ids = eventsOf(takeEvents(Array.from({ length: 50 }, () => logEvent()))).map(({ id }) => String(id));
  assert.equal(new Set(ids).size, 50);
  assert.deepEqual(ids, ids.toSorted());
});

test("the index of the batch names type, subject, id and time, in bytes", () => {
  const type = "größe.geändert";
  const uid = "käse-7";
  const attributes = { tenant_id: "acme", user_id: "u1", "log.record.uid": uid, note: "naïve “text”" };
  const view = viewOf(takeEvents([logEvent({ eventName: type, attributes }), logEvent()]));
  assert.equal(view.type(0), type);
  assert.equal(view.subject(0), "tenant/acme/user/u1");
  assert.equal(view.id(0), uid);
  assert.equal(view.time(0), "2026-03-19T14:35:00Z");
  assert.equal(view.orderKey(0), orderKeyOf("tenant/acme/user/u1"));
  assert.equal(view.acceptedAtMs, clockOfTest.now());
  assert.equal(view.type(1), "com.acme.order.created");
  assert.equal(view.subject(1), undefined);
  const noTime = viewOf(takeEvents([logEvent({ time: undefined })]));
  assert.equal(noTime.time(0), undefined);
});

test("order is kept for an unmasked user only, and only when asked for", () => {
  const named = logEvent({ attributes: { tenant_id: "acme", user_id: "u1" } });
  const tenantOnly = logEvent({ attributes: { tenant_id: "acme" } });
  const mask = (draft: Draft): void => {
    draft.user = "[REDACTED]";
    draft.userMasked = true;
  };
  assert.equal(viewOf(takeEvents([named])).orderKey(0), orderKeyOf("tenant/acme/user/u1"));
  assert.equal(viewOf(takeEvents([tenantOnly])).orderKey(0), undefined);
  assert.equal(viewOf(takeEvents([named], { order: "none" })).orderKey(0), undefined);
  const masked = viewOf(takeEvents([named], {}, { mask }));
  assert.equal(masked.orderKey(0), undefined);
  assert.equal(masked.subject(0), "tenant/acme/user/%5BREDACTED%5D");
});
