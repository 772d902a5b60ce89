import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createIntake } from "../../src/intake.ts";
import type { AnyValue } from "../../src/log-event.ts";
import { isTraceparent, isTracestate } from "../../src/wrap/trace-context.ts";
import { eventsOf, keyValues, portsOf, settingsOf, takeSpan, wrapped } from "./take-in.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const COMPUTED = `00-${TRACE}-${SPAN}-00`;
const traced = { traceId: TRACE, spanId: SPAN };

const illegal: readonly (readonly [name: string, value: string | number, message: RegExp])[] = [
  ["id", "x", /"id" must be left out/],
  ["specversion", "1.0", /"specversion" must be left out/],
  ["data", "x", /"data" must be left out/],
  ["bad-name", 1, /"bad-name" must be an attribute name/],
  ["Upper", "x", /"Upper" must be an attribute name/],
  ["", "x", /"" must be an attribute name/],
  ["a", 1.5, /"a" must be an integer/],
  ["a", "line\nbreak", /"a" must be a String/],
  ["traceparent", "00-x", /"traceparent" must be version-traceid/],
  ["tracestate", "no member", /"tracestate" must be 1 to 32 members/],
];
for (const [name, value, message] of illegal) {
  test(`a fixed extension ${JSON.stringify(name)} = ${JSON.stringify(value)} is an error when the intake is made`, () => {
    const settings = settingsOf({ fixedExtensions: { [name]: value } });
    assert.throws(() => createIntake(settings, portsOf()), { name: "TypeError", message });
  });
}

test("a fixed extension that is legal goes on the wire", () => {
  const event = wrapped({}, { fixedExtensions: { dataclassification: "internal", traceparent: COMPUTED } });
  assert.equal(event["dataclassification"], "internal");
  assert.equal(event["traceparent"], COMPUTED);
});

const attributeTypes: readonly (readonly [name: string, given: AnyValue, expected: unknown])[] = [
  ["sampledrate", "12", 12],
  ["sampledrate", 12, 12],
  ["deprecated", "true", true],
  ["bamptxcompleted", "false", false],
  ["severitynumber", "0", 0],
  ["sequence", "12", "12"],
  ["expirytime", "2026-03-19T14:35:00Z", "2026-03-19T14:35:00Z"],
  ["dataref", "/data/1", "/data/1"],
  ["foo", "12", "12"],
  ["foo", "true", "true"],
  ["foo", 12, 12],
];
for (const [name, given, expected] of attributeTypes) {
  test(`an extension ${name} = ${JSON.stringify(given)} leaves in the JSON type that it is documented with`, () => {
    assert.strictEqual(wrapped({ attributes: { [`cloudevents.${name}`]: given } })[name], expected);
    assert.ok(typeof given === "string" || typeof given === "number");
    assert.strictEqual(wrapped({}, { fixedExtensions: { [name]: given } })[name], expected);
  });
}

for (const own of [
  "00-x",
  "",
  COMPUTED.toUpperCase(),
  `00-${"0".repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  7,
]) {
  test(`an illegal traceparent ${JSON.stringify(own)} of a record gives way to the computed one and stays an attribute`, () => {
    const attributes = { "cloudevents.tracestate": "other=1", "cloudevents.traceparent": own };
    const event = wrapped({ ...traced, attributes });
    assert.equal(event["traceparent"], COMPUTED);
    assert.equal("tracestate" in event, false, "the state belongs to the context that is not taken over");
    assert.equal(event.data?.["cloudevents.traceparent"], own);
    assert.equal("traceparent" in wrapped({ attributes }), false);
  });
}

test("an illegal tracestate does not go out, whether a record or a span context has it", () => {
  const copied = { "cloudevents.traceparent": COMPUTED, "cloudevents.tracestate": "=" };
  const event = wrapped({ attributes: copied });
  assert.equal(event["traceparent"], COMPUTED);
  assert.equal("tracestate" in event, false);
  assert.equal("tracestate" in wrapped({ ...traced, traceState: "no member" }), false);
  assert.equal(wrapped({ ...traced, traceState: "a=1, b@c=x y ,," })["tracestate"], "a=1, b@c=x y ,,");
});

test("a span's event ignores an illegal traceparent as well", () => {
  const result = takeSpan({
    name: "GET /",
    kind: "server",
    status: "ok",
    statusMessage: "",
    startTime: { seconds: 1, nanos: 0 },
    endTime: { seconds: 2, nanos: 0 },
    parentSpanId: "",
    ...traced,
    flags: 0,
    attributes: keyValues([["cloudevents.traceparent", "00-x"]]),
    resource: { attributes: keyValues([]) },
    scope: { name: "", version: "" },
  });
  assert.equal(eventsOf(result)[0]?.["traceparent"], COMPUTED);
});

test("every traceparent of its parts is one, and one of a later version may be longer", () => {
  const hex = (length: number) =>
    fc
      .array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length })
      .map((digits) => digits.join(""));
  const id = (length: number) => hex(length).filter((digits) => !/^0+$/.test(digits));
  fc.assert(
    fc.property(hex(2), id(32), id(16), hex(2), (version, trace, span, flags) => {
      const text = `${version}-${trace}-${span}-${flags}`;
      assert.equal(isTraceparent(text), version !== "ff");
      assert.equal(isTraceparent(`${text}-more`), version !== "ff" && version !== "00");
      assert.equal(isTraceparent(`${text}0`), false);
    }),
  );
});

test("a tracestate has 1 to 32 members, and one of hostile length is none", () => {
  const members = (count: number) => Array.from({ length: count }, (_, i) => `k${i}=v`).join(",");
  assert.equal(isTracestate(members(32)), true);
  assert.equal(isTracestate(members(33)), false);
  assert.equal(isTracestate(""), false);
  assert.equal(isTracestate(" ,\t,"), false);
  assert.equal(isTracestate("a=1\u00a0"), false);
  assert.equal(isTracestate(`a=${" ".repeat(1_000_000)}`), false);
});
