import assert from "node:assert/strict";
import { test } from "node:test";
import type { Draft, Policy, PolicyInput } from "../../src/draft.ts";
import { createIntake } from "../../src/intake.ts";
import {
  atOnce,
  eventsOf,
  logEvent,
  mapOf,
  portsOf,
  settingsOf,
  takeEvents,
  textsOf,
  wrapped,
} from "./take-in.ts";

test("mask changes any text of an event before it is encoded, and sees attribute name and data key", () => {
  const seen: string[] = [];
  const mask = (draft: Draft): void => {
    for (const [i, name] of draft.names.entries()) {
      seen.push(`${name}>${draft.keys[i]}`);
      if (name === "coresdk.policy.action") draft.values[i] = "[REDACTED]";
    }
    draft.type = "io.coresdk.masked";
    draft.sourceParts = ["[REDACTED]"];
    draft.uid = "";
  };
  const event = logEvent({
    eventName: "io.coresdk.policy.decision",
    attributes: {
      "coresdk.tenant_id": "acme",
      "coresdk.policy.action": "secret",
      "log.record.uid": "secret",
    },
    resource: { "service.name": "secret" },
  });
  const result = takeEvents([event], { source: undefined }, { mask });
  const [made] = eventsOf(result);
  assert.equal(made?.["type"], "io.coresdk.masked");
  assert.equal(made?.["source"], "/%5BREDACTED%5D");
  assert.deepEqual(made?.data, { tenant_id: "acme", action: "[REDACTED]" });
  assert.deepEqual(seen, ["coresdk.tenant_id>tenant_id", "coresdk.policy.action>action"]);
  assert.doesNotMatch(textsOf(result).join(), /secret/);
  // What was wrapped is the caller's and stays as it was.
  assert.equal(event.attributes.values[1], "secret");
});

test("keys that masking made the same are kept apart, also from the trace ids", () => {
  const mask = (draft: Draft): void => {
    for (const i of draft.keys.keys()) draft.keys[i] = i < 2 ? "[REDACTED]" : "trace_id";
    draft.keysChanged = true;
  };
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const result = takeEvents([logEvent({ attributes: { a: 1, b: 2, c: 3 }, traceId })], {}, { mask });
  assert.deepEqual(eventsOf(result)[0]?.data, {
    "[REDACTED]": 1,
    "[REDACTED].2": 2,
    "trace_id.2": 3,
    trace_id: traceId,
  });
});

test("policy decides each event by what would leave, and what it denies is counted by type", () => {
  const inputs: PolicyInput[] = [];
  const policy: Policy = {
    decide({ count, at }) {
      for (let i = 0; i < count; i++) inputs.push(at(i));
      return inputs.map((input) => input.event_type === "a.b");
    },
  };
  const result = takeEvents(
    [
      logEvent({ eventName: "a.b", attributes: { tenant_id: "acme", user_id: "u/1" } }),
      logEvent({ eventName: "c.d" }),
      logEvent({ eventName: "\u0000" }),
      logEvent({ eventName: "c.d" }),
    ],
    {},
    { policy },
  );
  const source = "https://orders.acme.com";
  assert.deepEqual(inputs, [
    { event_type: "a.b", subject: "tenant/acme/user/u%2F1", source, tenant_id: "acme" },
    { event_type: "c.d", subject: undefined, source, tenant_id: undefined },
    { event_type: "c.d", subject: undefined, source, tenant_id: undefined },
  ]);
  assert.deepEqual(
    eventsOf(result).map((event) => event["type"]),
    ["a.b"],
  );
  assert.deepEqual([...result.denied], [["c.d", 2]]);
  assert.equal(result.events, 4);
  assert.equal(result.refusals.length, 1);
});

test("an answer that policy did not give is no permission", () => {
  const result = takeEvents([logEvent(), logEvent()], {}, { policy: { decide: () => [true] } });
  assert.equal(eventsOf(result).length, 1);
  assert.deepEqual([...result.denied], [["com.acme.order.created", 1]]);
});

test("a policy that answers later makes the result a promise, and interleaved requests keep apart", async () => {
  const answers: (() => void)[] = [];
  const policy: Policy = {
    decide: ({ count }) =>
      new Promise((resolve) => {
        answers.push(() => resolve(Array.from({ length: count }, () => true)));
      }),
  };
  const intake = createIntake(settingsOf(), portsOf({ policy }));
  const first = intake.intakeEvents([logEvent({ eventName: "first" })]);
  const second = intake.intakeEvents([logEvent({ eventName: "second" }), logEvent({ eventName: "third" })]);
  for (const answer of answers.toReversed()) answer();
  assert.deepEqual(
    eventsOf(await first).map((event) => event["type"]),
    ["first"],
  );
  assert.deepEqual(
    eventsOf(await second).map((event) => event["type"]),
    ["second", "third"],
  );
});

test("without a policy no input is made, and an empty request has no batch", () => {
  const result = takeEvents([]);
  assert.equal(result.batch, undefined);
  assert.equal(result.events, 0);
});

test("one intake gives the same events as many, whatever it has seen before", () => {
  const events = Array.from({ length: 40 }, (_, i) =>
    logEvent({
      eventName: i % 3 === 0 ? "io.coresdk.error" : "x.y",
      attributes: { [`k${i % 7}`]: i, tenant_id: `t${i % 5}`, "coresdk.result": mapOf({ a: i }), result: i },
      resource: { "service.name": `s${i % 4}` },
    }),
  );
  const intake = createIntake(settingsOf({ source: undefined }), portsOf());
  const together = eventsOf(atOnce(intake.intakeEvents(events)));
  const alone = events.map((event) => {
    const [made] = eventsOf(takeEvents([event], { source: undefined }));
    return made;
  });
  const withoutId = (event: object | undefined): object => ({ ...event, id: "" });
  assert.deepEqual(together.map(withoutId), alone.map(withoutId));
});

test("more names than the tables hold change nothing", () => {
  const intake = createIntake(settingsOf(), portsOf());
  for (let round = 0; round < 3; round++) {
    const attributes = Object.fromEntries(
      Array.from({ length: 9000 }, (_, i) => [`coresdk.r${round}.k${i}`, i]),
    );
    const event = logEvent({ eventName: "io.coresdk.error", attributes });
    const [made] = eventsOf(atOnce(intake.intakeEvents([event])));
    assert.equal(Object.keys(made?.data ?? {}).length, 9000);
    assert.equal(made?.data?.[`r${round}_k8999`], 8999);
  }
  assert.equal(wrapped({})["type"], "com.acme.order.created");
});
