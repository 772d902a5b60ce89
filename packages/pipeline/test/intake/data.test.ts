import assert from "node:assert/strict";
import { test } from "node:test";
import type { DataShape } from "../../src/draft.ts";
import { type AnyValue, IntegralDouble, type KeyValues } from "../../src/log-event.ts";
import { keyValues, type LogEventOfTest, logEvent, mapOf, takeEvents, textsOf, wrapped } from "./take-in.ts";

const CORESDK = "io.coresdk.policy.decision";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

function dataOf(
  attributes: Readonly<Record<string, AnyValue>> | KeyValues,
  eventName = CORESDK,
  body: AnyValue | undefined = undefined,
): unknown {
  return wrapped({ eventName, attributes, body }).data;
}

test("the table's attributes are renamed under an io.coresdk type", () => {
  assert.deepEqual(
    dataOf({
      "coresdk.tenant_id": "acme",
      "coresdk.user_id": "u1",
      "coresdk.policy.action": "orders:create",
      "coresdk.policy.result": "allowed",
      "coresdk.policy.latency_us": 43,
      "coresdk.auth.method": "jwt",
      "coresdk.rule.set.name": "base",
      "http.route": "/orders",
    }),
    {
      tenant_id: "acme",
      user_id: "u1",
      action: "orders:create",
      result: "allowed",
      policy_latency_us: 43,
      auth_method: "jwt",
      rule_set_name: "base",
      "http.route": "/orders",
    },
  );
});

test("other types keep the attributes' names", () => {
  const attributes = { "coresdk.tenant_id": "acme", "coresdk.policy.action": "a", tenant_id: "acme" };
  assert.deepEqual(dataOf(attributes, "com.acme.order.created"), attributes);
});

test("tenant and user are in the data of an io.coresdk event wherever they were found, and once", () => {
  assert.deepEqual(dataOf({ "tenant.id": "acme", "enduser.id": "u1" }), { tenant_id: "acme", user_id: "u1" });
  const fromResource = wrapped({ eventName: CORESDK, resource: { "tenant.id": "acme", "user.id": "u1" } });
  assert.deepEqual(fromResource.data, { tenant_id: "acme", user_id: "u1" });
  assert.deepEqual(wrapped({ eventName: CORESDK }, { tenant: "acme" }).data, { tenant_id: "acme" });
});

test("of results the one higher in the table has the key; the others keep their names", () => {
  const expected = {
    result: "p",
    "coresdk.auth.result": "a",
    "coresdk.result": "r",
    "attributes.result": "plain",
  };
  const pairs: [string, AnyValue][] = [
    ["coresdk.policy.result", "p"],
    ["coresdk.auth.result", "a"],
    ["coresdk.result", "r"],
    ["result", "plain"],
  ];
  assert.deepEqual(dataOf(keyValues(pairs)), expected);
  assert.deepEqual(dataOf(keyValues(pairs.toReversed())), expected);
});

test("a row of the table goes before another coresdk name, and that before a plain one", () => {
  assert.deepEqual(
    dataOf(
      keyValues([
        ["coresdk.policy.latency.us", 1],
        ["coresdk.policy.latency_us", 2],
        ["policy_latency_us", 3],
      ]),
    ),
    { "coresdk.policy.latency.us": 1, policy_latency_us: 2, "attributes.policy_latency_us": 3 },
  );
});

test("computed fields go before attributes", () => {
  const made = wrapped({
    eventName: CORESDK,
    traceId: TRACE,
    spanId: SPAN,
    body: "text",
    attributes: { trace_id: "mine", "coresdk.span_id": "mine too", body: "third" },
  });
  assert.deepEqual(made.data, {
    "attributes.trace_id": "mine",
    "coresdk.span_id": "mine too",
    "attributes.body": "third",
    body: "text",
    trace_id: TRACE,
    span_id: SPAN,
  });
});

test("a tenant of lower rank keeps a name of its own beside the one that was chosen", () => {
  assert.deepEqual(dataOf({ tenant_id: "b", "coresdk.tenant_id": "a" }), {
    tenant_id: "a",
    "attributes.tenant_id": "b",
  });
});

test("nothing is lost when a name comes again and again, even where the way out is taken", () => {
  const pairs: [string, AnyValue][] = [
    ["attributes.a", 0],
    ["a", 1],
    ["a", 2],
    ["a", 3],
    ["a", 4],
  ];
  const data = dataOf(keyValues(pairs), "x.y");
  assert.deepEqual(data, {
    "attributes.a": 0,
    a: 1,
    "attributes.a.2": 2,
    "attributes.a.3": 3,
    "attributes.a.4": 4,
  });
});

/** A list in which a name comes that often. */
function repeated(name: string, count: number): KeyValues {
  return keyValues(Array.from({ length: count }, (_, i): [string, AnyValue] => [name, i]));
}

test("a name may come again a hundred times, and keeps all values", () => {
  for (const name of ["k", ""]) {
    assert.equal(
      Object.keys(wrapped({ eventName: "x.y", attributes: repeated(name, 101) }).data ?? {}).length,
      101,
    );
  }
});

test("a record in which a name comes more often is refused, and its neighbours are not", () => {
  for (const name of ["k", "", "coresdk.k"]) {
    const events = [
      logEvent({ index: 0 }),
      logEvent({ index: 1, eventName: "io.coresdk.auth.denied", attributes: repeated(name, 103) }),
      logEvent({ index: 2, eventName: "io.coresdk.auth.denied", body: repeated(name, 103) }),
      logEvent({ index: 3 }),
    ];
    const { batch, refusals } = takeEvents(events);
    assert.equal(batch?.count, 2);
    const expected = "without a name that comes more than 100 times";
    const refused = [1, 2].map((index) => ({ index, attribute: "data", expected }));
    assert.deepEqual(refusals, refused);
  }
});

test("a record of more than 32,768 values is refused, wherever they are, and its neighbours are not", () => {
  const names = (count: number): KeyValues =>
    keyValues(Array.from({ length: count }, (_, i): [string, AnyValue] => [`k${i}`, null]));
  const list = (length: number): AnyValue[] => new Array<AnyValue>(length).fill(0);
  assert.equal(takeEvents([logEvent({ attributes: names(10_000), body: list(22_768) })]).refusals.length, 0);
  const tooMany: LogEventOfTest[] = [
    { attributes: names(32_769) },
    { attributes: names(10_000), body: list(22_769) },
    { attributes: { a: list(22_767), b: names(10_000) } },
  ];
  for (const data of ["attributes", "body", "record"] as const) {
    for (const event of tooMany) {
      const events = [logEvent({ index: 0 }), logEvent({ ...event, index: 1 })];
      const { batch, refusals } = takeEvents(events, { data });
      assert.equal(batch?.count, 1);
      const expected = "at most 32768 values, nested at most 64 levels deep";
      assert.deepEqual(refusals, [{ index: 1, attribute: "data", expected }]);
    }
  }
});

test("a body is added when it is not empty", () => {
  assert.deepEqual(dataOf({}, "x.y", "text"), { body: "text" });
  assert.deepEqual(dataOf({}, "x.y", 0), { body: 0 });
  assert.deepEqual(dataOf({}, "x.y", false), { body: false });
  for (const empty of ["", null, [], mapOf({}), new Uint8Array()])
    assert.deepEqual(dataOf({}, "x.y", empty), {});
});

test("a map-valued body is an object, and merged beneath the attributes under an io.coresdk type", () => {
  const body = mapOf({ reason: "expired", action: "from body", nested: mapOf({ a: 1 }) });
  assert.deepEqual(dataOf({ a: 1 }, "x.y", body), {
    a: 1,
    body: { reason: "expired", action: "from body", nested: { a: 1 } },
  });
  assert.deepEqual(dataOf({ "coresdk.policy.action": "orders:create" }, CORESDK, body), {
    action: "orders:create",
    reason: "expired",
    "attributes.action": "from body",
    nested: { a: 1 },
  });
});

for (const [title, value, json] of [
  ["an integer", 42, "42"],
  ["the largest exact integer", Number.MAX_SAFE_INTEGER, "9007199254740991"],
  ["an integer beyond a double", 9007199254740993n, '"9007199254740993"'],
  ["an integer that a rounded one cannot be told from", 2n ** 53n, '"9007199254740992"'],
  ["the least int64", -(2n ** 63n), '"-9223372036854775808"'],
  ["a fraction", 0.1, "0.1"],
  ["an integral double", new IntegralDouble(3), "3"],
  ["a large double", 1e300, "1e+300"],
  ["minus zero", -0, "-0"],
  ["NaN", Number.NaN, '"NaN"'],
  ["infinity", Number.POSITIVE_INFINITY, '"Infinity"'],
  ["minus infinity", Number.NEGATIVE_INFINITY, '"-Infinity"'],
  ["true", true, "true"],
  ["nothing", null, "null"],
  ["bytes", Uint8Array.of(251, 255, 0), '"+/8A"'],
  ["text to escape", 'a"b\\c\n\u0001é\u{1f600}', '"a\\"b\\\\c\\n\\u0001é\u{1f600}"'],
  ["a lone surrogate", "a\ud800", '"a\\ud800"'],
  ["a long text", `"${"x".repeat(300)}`, `"\\"${"x".repeat(300)}"`],
  ["a list", [1, "a", null, [true]], '[1,"a",null,[true]]'],
  [
    "a map with a key twice",
    keyValues([
      ["a", 1],
      ["a", 2],
      ["a", 3],
    ]),
    '{"a":1,"a.2":2,"a.3":3}',
  ],
] as const) {
  test(`values: ${title}`, () => {
    const [text = ""] = textsOf(takeEvents([logEvent({ attributes: keyValues([["v", value]]) })]));
    assert.ok(text.endsWith(`"data":{"v":${json}}}`), text);
  });
}

test("many duplicates of a key within a map take linear time and keep all values", () => {
  const count = 19_000;
  const pairs = Array.from({ length: count }, (_, i): [string, AnyValue] => [i < 10 ? `k.${i}` : "k", i]);
  const { map } = wrapped({ attributes: { map: keyValues(pairs) } }).data ?? {};
  assert.ok(typeof map === "object" && map !== null);
  assert.deepEqual(new Set(Object.values(map)), new Set(Array.from({ length: count }, (_, i) => i)));
});

test("a name that lost its key to others becomes attributes.<name>, however many lost it before", () => {
  const pairs: [string, AnyValue][] = [
    ["coresdk.result", 1],
    ["coresdk.result", 2],
    ["coresdk.result", 3],
    ["result", 4],
  ];
  assert.deepEqual(dataOf(keyValues(pairs)), {
    result: 1,
    "coresdk.result": 2,
    "attributes.coresdk.result": 3,
    "attributes.result": 4,
  });
});

test("a large number without a fraction is a double in a record, not an integer of 64 bits", () => {
  const made = wrapped({ attributes: { n: 1e300 } }, { data: "record" });
  assert.deepEqual(made.data?.["attributes"], [{ key: "n", value: { doubleValue: 1e300 } }]);
});

test("names like __proto__ and constructor are data and nothing else", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const pairs = names.map((name): [string, AnyValue] => [name, mapOf({ polluted: true })]);
  const [text = ""] = textsOf(
    takeEvents([logEvent({ attributes: keyValues(pairs), body: keyValues(pairs), eventName: CORESDK })]),
  );
  for (const name of names) assert.ok(text.includes(`"${name}":{"polluted":true}`));
  assert.equal(Reflect.get({}, "polluted"), undefined);
});

test("data can be the body alone", () => {
  const made = (body: AnyValue | undefined): Record<string, unknown> =>
    wrapped({ attributes: { a: 1 }, traceId: TRACE, body }, { data: "body" });
  assert.deepEqual(made(mapOf({ x: 1 }))["data"], { x: 1 });
  assert.equal(made("")["data"], "");
  assert.equal(made(false)["data"], false);
  const without = made(undefined);
  assert.equal("data" in without || "datacontenttype" in without, false);
});

test("data can be the OTLP/JSON log record", () => {
  const made = wrapped(
    {
      time: { seconds: 1, nanos: 5 },
      observedTime: { seconds: 0, nanos: 7 },
      severityNumber: 9,
      severityText: "INFO",
      eventName: "x.y",
      body: mapOf({ a: [1, new IntegralDouble(1), 0.5, true, null, Uint8Array.of(1)] }),
      attributes: keyValues([
        ["n", 2n ** 62n],
        ["n", "again"],
      ]),
      droppedAttributesCount: 2,
      traceId: TRACE,
      spanId: SPAN,
      flags: 257,
    },
    { data: "record" },
  );
  assert.deepEqual(made.data, {
    timeUnixNano: "1000000005",
    observedTimeUnixNano: "7",
    severityNumber: 9,
    severityText: "INFO",
    eventName: "x.y",
    body: {
      kvlistValue: {
        values: [
          {
            key: "a",
            value: {
              arrayValue: {
                values: [
                  { intValue: "1" },
                  { doubleValue: 1 },
                  { doubleValue: 0.5 },
                  { boolValue: true },
                  {},
                  { bytesValue: "AQ==" },
                ],
              },
            },
          },
        ],
      },
    },
    attributes: [
      { key: "n", value: { intValue: "4611686018427387904" } },
      { key: "n", value: { stringValue: "again" } },
    ],
    droppedAttributesCount: 2,
    flags: 257,
    traceId: TRACE,
    spanId: SPAN,
  });
});

test("the attribute that named the event is not repeated, in any shape", () => {
  for (const data of ["attributes", "record"] as const satisfies readonly DataShape[]) {
    const event = logEvent({
      eventName: "x.y",
      eventNameOrigin: "event.name",
      attributes: { "event.name": "x.y", other: 1 },
    });
    const [text = ""] = textsOf(takeEvents([event], { data }));
    assert.equal(text.includes("event.name"), false);
    assert.equal(text.includes("other"), true);
  }
});

test("a value that contains itself is refused, and its neighbours pass", () => {
  const loop: AnyValue[] = [];
  loop.push(loop);
  const result = takeEvents([logEvent({ attributes: { loop } }), logEvent({ index: 1 })]);
  assert.deepEqual(
    result.refusals.map(({ index, attribute }) => [index, attribute]),
    [[0, "data"]],
  );
  assert.equal(textsOf(result).length, 1);
});

test("a map that contains itself is refused, whether attribute or body", () => {
  const loop = mapOf({ a: 1 });
  loop.add("self", loop);
  for (const event of [logEvent({ attributes: { loop } }), logEvent({ body: loop })]) {
    assert.deepEqual(
      takeEvents([event]).refusals.map(({ attribute }) => attribute),
      ["data"],
    );
  }
});

test("a value whose parts stand in it many times over is refused without looking at each of them", () => {
  let many: AnyValue = "leaf";
  for (let level = 0; level < 60; level++)
    many = level % 2 === 0 ? [many, many] : mapOf({ a: many, b: many });
  for (const event of [logEvent({ attributes: { many } }), logEvent({ body: many })]) {
    for (const data of ["attributes", "record"] as const satisfies readonly DataShape[]) {
      const { refusals } = takeEvents([event], { data });
      assert.deepEqual(
        refusals.map(({ attribute }) => attribute),
        ["data"],
      );
    }
  }
});

test("a value that stands in several places is written in each", () => {
  const shared = mapOf({ a: [1, 2] });
  assert.deepEqual(dataOf({ first: shared, second: [shared, shared] }, "x.y"), {
    first: { a: [1, 2] },
    second: [{ a: [1, 2] }, { a: [1, 2] }],
  });
});
