/** An optional attribute is no reason to lose an event (semantics, section 8). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { facts } from "../../src/facts.ts";
import { IntakeJournal } from "../../src/intake-journal.ts";
import type { AnyValue } from "../../src/log-event.ts";
import { REDACTED } from "../../src/mask/categories.ts";
import { eventsOf, keyValues, logEvent, nothingTaken, takeEvents, wrapped } from "./take-in.ts";

const illegal: readonly (readonly [name: string, value: AnyValue])[] = [
  ["foo", 3e9],
  ["foo", 1.5],
  ["foo", [1]],
  ["foo", keyValues([["a", 1]])],
  ["foo", "a\nb"],
  ["foo", "a\ud800"],
  ["sequence", 5],
  ["sequence", ""],
  ["sampledrate", 2 ** 31],
  ["sampledrate", "many"],
  ["deprecated", "yes"],
  ["expirytime", "nope"],
  ["correlationid", "a\u0000"],
];
for (const [name, value] of illegal) {
  test(`an illegal extension ${name} = ${JSON.stringify(value)} is left out, and the event leaves with the attribute in its data`, () => {
    const attributes = { [`cloudevents.${name}`]: value, n: 1 };
    const result = takeEvents([logEvent({ attributes })]);
    const [event] = eventsOf(result);
    assert.ok(event !== undefined);
    assert.equal(name in event, false);
    assert.deepEqual(Object.keys(event.data ?? {}), [`cloudevents.${name}`, "n"]);
    assert.deepEqual(result.refusals, []);
    assert.deepEqual([...result.extensionsLeftOut], [[name, 1]]);
  });
}

for (const name of ["subject", "dataschema", "id", "specversion", "Foo", "foo_bar", "foo.bar"]) {
  test(`an attribute cloudevents.${name}, which asks for what no record can set, is told and stays in the data`, () => {
    const attributes = { [`cloudevents.${name}`]: "orders/42" };
    const result = takeEvents([logEvent({ attributes }), logEvent({ attributes })]);
    for (const event of eventsOf(result)) assert.deepEqual(event.data, attributes);
    assert.equal(result.batch?.count, 2);
    assert.deepEqual([...result.extensionsLeftOut], [[name, 2]]);
  });
}

test("an illegal trace context that gives way to the computed one is told", () => {
  const result = takeEvents([logEvent({ attributes: { "cloudevents.traceparent": "00-1-2-3" } })]);
  assert.deepEqual([...result.extensionsLeftOut], [["traceparent", 1]]);
});

test("a name that looks like no word is not told, only that there was one", () => {
  for (const name of ["a\nb", "AKIAIOSFODNN7EXAMPLE", "a@acme.com", "", "x".repeat(40).toUpperCase()]) {
    const result = takeEvents([logEvent({ attributes: { [`cloudevents.${name}`]: 1 } })]);
    assert.deepEqual([...result.extensionsLeftOut], [["others", 1]], JSON.stringify(name));
  }
});

test("the event type of a span, and an attribute without a value, ask for no extension", () => {
  const attributes = { "cloudevents.event_type": "com.acme.a", "cloudevents.subject": null };
  assert.equal(takeEvents([logEvent({ attributes })]).extensionsLeftOut.size, 0);
});

test("an illegal extension gives way to the computed one, and to a legal one of the same name", () => {
  const attributes = keyValues([
    ["tenant_id", "acme"],
    ["cloudevents.partitionkey", 5],
    ["cloudevents.foo", [1]],
    ["cloudevents.foo", "legal"],
  ]);
  const event = wrapped({ attributes }, { extensions: ["partitioning"] });
  assert.equal(event["partitionkey"], "tenant/acme");
  assert.equal(event["foo"], "legal");
});

test("a computed extension that cannot be one is left out too", () => {
  const attributes = { tenant_id: "acme", user_id: "a\u0001" };
  const settings = { extensions: ["severity", "authcontext"] } as const;
  const result = takeEvents([logEvent({ attributes, severityNumber: 9, severityText: "a\nb" })], settings);
  const [event] = eventsOf(result);
  assert.deepEqual([event?.["severitynumber"], event?.["authtype"]], [9, "app_user"]);
  assert.equal("severitytext" in (event ?? {}) || "authid" in (event ?? {}), false);
  assert.deepEqual(
    [...result.extensionsLeftOut],
    [
      ["severitytext", 1],
      ["authid", 1],
    ],
  );
});

test("an extension that masking made illegal costs the extension and not the event", () => {
  const attributes = { "cloudevents.sampledrate": "12" };
  const mask = (draft: { extensions: { values: AnyValue[] } | undefined }): void => {
    if (draft.extensions !== undefined) draft.extensions.values[0] = REDACTED;
  };
  const result = takeEvents([logEvent({ attributes })], {}, { mask });
  assert.equal(result.batch?.count, 1);
  assert.deepEqual([...result.extensionsLeftOut], [["sampledrate", 1]]);
});

test("extensions left out are counted for each event, and each name is told once, without a value", () => {
  const told: unknown[] = [];
  const journal = new IntakeJournal({
    record: ({ name }, amount, labels, detail) => told.push([name, amount, labels, detail]),
  });
  const events = [1, 2, 3].map(() => logEvent({ attributes: { "cloudevents.foo": "secret\n" } }));
  for (let i = 0; i < 2; i++) {
    const { extensionsLeftOut } = takeEvents(events);
    journal.committed({ ...nothingTaken, extensionsLeftOut });
  }
  assert.deepEqual(told, [
    [facts.extensionsLeftOut.name, 3, undefined, undefined],
    [facts.extensionsIllegal.name, 1, {}, "foo"],
    [facts.extensionsLeftOut.name, 3, undefined, undefined],
  ]);
});

test("a sender that makes up names is not told more than a hundred of them", () => {
  const told: string[] = [];
  const journal = new IntakeJournal({
    record: (fact, _amount, _labels, detail = "") => {
      if (fact === facts.extensionsIllegal) told.push(detail);
    },
  });
  for (let request = 0; request < 3; request++) {
    const events = Array.from({ length: 150 }, (_, i) =>
      logEvent({ attributes: { [`cloudevents.x${request}x${i}`]: 1.5 } }),
    );
    const { extensionsLeftOut } = takeEvents(events);
    assert.equal(extensionsLeftOut.size, 101);
    assert.equal(extensionsLeftOut.get("others"), 50);
    journal.committed({ ...nothingTaken, extensionsLeftOut });
  }
  assert.equal(told.length, 100);
});
