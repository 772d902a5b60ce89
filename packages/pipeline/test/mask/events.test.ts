import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchView } from "../../src/batch.ts";
import { compileMask } from "../../src/compile-mask.ts";
import type { DeadLetter, IntakeResult, StoredDeadLetter } from "../../src/contracts.ts";
import type { PolicyInput } from "../../src/draft.ts";
import { KeyValues, type LogEvent } from "../../src/log-event.ts";
import { createPipeline } from "../../src/pipeline.ts";
import { Secret } from "../../src/secret.ts";
import type { MaskSettings, WrapSettings } from "../../src/settings.ts";
import { systemClock, systemRandom } from "../../src/system.ts";
import { orderKeyOf } from "../build-batch.ts";
import { Receiver } from "../deliver/http/receiver.ts";
import { eventsOf, keyValues, logEvent, mapOf, settingsOf, takeEvents, viewOf } from "../intake/take-in.ts";

const R = "[REDACTED]";
const MAIL = "canary@example.com";

function take(
  events: readonly LogEvent[],
  settings: Partial<WrapSettings> = {},
  masking?: MaskSettings,
): IntakeResult {
  return takeEvents(events, settings, { mask: compileMask(masking) });
}

function dataOf(event: LogEvent, settings: Partial<WrapSettings> = {}, masking?: MaskSettings): unknown {
  return eventsOf(take([event], settings, masking))[0]?.data;
}

const none: MaskSettings = { blockedKeys: [], allowKeys: [], patterns: [], literals: [], categories: {} };

test("values at any depth are masked, and the caller's lists and maps stay as they were", () => {
  const shared = mapOf({ mail: MAIL, list: [1, [MAIL, mapOf({ password: "x" })]], kept: "y" });
  const event = logEvent({ attributes: { a: shared, b: 2, c: MAIL }, body: mapOf({ shared }) });
  const expected = { mail: R, list: [1, [R, { password: R }]], kept: "y" };
  const result = take([event, event]);
  for (const made of eventsOf(result)) {
    assert.deepEqual(made.data, { a: expected, b: 2, c: R, body: { shared: expected } });
  }
  assert.equal(result.valuesMasked, 6);
  assert.equal(shared.values[0], MAIL);
  assert.equal(event.attributes.values[2], MAIL);
});

test("a key is blocked by the attribute's name and by the key in the data", () => {
  const event = logEvent({
    eventName: "io.coresdk.auth.denied",
    attributes: { "coresdk.session": "a", "coresdk.client.secret": "b", "coresdk.auth.method": "jwt" },
  });
  assert.deepEqual(dataOf(event), { session: R, client_secret: R, auth_method: "jwt" });
});

test("a name is masked as it came, since the key that is made of it may hide what is in it", () => {
  const event = logEvent({
    eventName: "io.coresdk.auth.denied",
    attributes: {
      [`coresdk.${MAIL}`]: 1,
      "coresdk.calls of eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc": 2,
      "coresdk.auth.method": "jwt",
    },
  });
  assert.deepEqual(dataOf(event), { [R]: 1, [`calls of ${R}`]: 2, auth_method: "jwt" });
  const allowed = dataOf(event, {}, { ...none, allowKeys: [`coresdk.${MAIL}`] });
  assert.deepEqual(allowed, { "canary@example_com": 1, [`calls of ${R}`]: 2, auth_method: "jwt" });
});

test("attribute names are masked, and those that became the same stay apart", () => {
  const attributes = keyValues([
    ["calls.a@b.co", 1],
    ["mail to c@d.co", 2],
    ["mail to e@f.co", 3],
  ]);
  assert.deepEqual(dataOf(logEvent({ attributes })), {
    [R]: 1,
    [`mail to ${R}`]: 2,
    [`mail to ${R}.2`]: 3,
  });
});

test("a masked user keeps no order, and shares the tenant's subject for such users", () => {
  const named = (user: string): LogEvent =>
    logEvent({ attributes: { "tenant.id": "acme", "user.id": user, other: 1 } });
  const view = viewOf(take([named("usr_1"), named(MAIL), named("x@y.co")]));
  assert.equal(view.orderKey(0), orderKeyOf("tenant/acme/user/usr_1"));
  for (const i of [1, 2]) {
    assert.equal(view.subject(i), "tenant/acme/user/%5BREDACTED%5D");
    assert.equal(view.orderKey(i), undefined);
  }
});

test("with allow_keys a user keeps name and order", () => {
  const event = logEvent({ attributes: { "tenant.id": "acme", "user.id": MAIL, mail: MAIL } });
  const masking = { ...none, allowKeys: ["user.id"] };
  const view = viewOf(take([event], {}, masking));
  assert.equal(view.orderKey(0), orderKeyOf(`tenant/acme/user/${MAIL}`));
  assert.deepEqual(dataOf(event, {}, masking), { "tenant.id": "acme", "user.id": MAIL, mail: R });
});

test("a user or tenant under a blocked key is masked in the subject too", () => {
  const event = logEvent({ attributes: { "tenant.id": "acme", "user.id": "usr_1" } });
  const view = viewOf(take([event], {}, { ...none, blockedKeys: ["user.id", "tenant.id"] }));
  assert.equal(view.subject(0), "tenant/%5BREDACTED%5D/user/%5BREDACTED%5D");
});

test("an extension whose name is a card's number is none: its attribute stays in the data, masked", () => {
  const attributes = { "cloudevents.4111111111111111": "a", "cloudevents.owner": "b", n: 1 };
  const [made] = eventsOf(take([logEvent({ attributes })]));
  assert.equal(made?.["owner"], "b");
  assert.equal(JSON.stringify(made).includes("4111111111111111"), false);
  assert.equal(JSON.stringify(made?.data).includes(`"cloudevents.${R}":"a"`), true);
});

test("type, source, severity text and extensions are masked; a sensitive id gives way to the computed one", () => {
  const event = logEvent({
    eventName: `order.of.${MAIL}`,
    severityNumber: 9,
    severityText: `INFO ${MAIL}`,
    attributes: { "log.record.uid": `id-of ${MAIL}`, "cloudevents.owner": MAIL, "cloudevents.sequence": "7" },
    resource: { "service.name": MAIL, "service.namespace": "shop" },
    traceState: `vendor=${MAIL}`,
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "4111111111111111",
  });
  const [made] = eventsOf(
    take([event], { source: undefined, extensions: ["distributed-tracing", "severity"] }),
  );
  assert.equal(made?.["type"], R);
  assert.equal(made["source"], "/shop/%5BREDACTED%5D");
  assert.equal(made["severitytext"], `INFO ${R}`);
  assert.equal(made["owner"], R);
  assert.equal(made["sequence"], "7");
  assert.equal(made["tracestate"], undefined);
  assert.equal(made["traceparent"], "00-4bf92f3577b34da6a3ce929d0e0e4736-4111111111111111-00");
  assert.equal(made.data?.["span_id"], "4111111111111111");
  assert.match(String(made["id"]), /^[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.doesNotMatch(JSON.stringify(made), /canary/);
});

test("policy sees what would leave", () => {
  const inputs: PolicyInput[] = [];
  const event = logEvent({
    eventName: `order ${MAIL}`,
    attributes: { tenant_id: "4111111111111111", user_id: MAIL },
    resource: { "service.name": MAIL },
  });
  takeEvents(
    [event],
    { source: undefined },
    {
      mask: compileMask(undefined),
      policy: {
        decide({ count, at }) {
          for (let i = 0; i < count; i++) inputs.push(at(i));
          return "all";
        },
      },
    },
  );
  assert.deepEqual(inputs, [
    {
      event_type: `order ${R}`,
      subject: "tenant/%5BREDACTED%5D/user/%5BREDACTED%5D",
      source: "/%5BREDACTED%5D",
      tenant_id: R,
    },
  ]);
});

test("body and record shapes are masked as well", () => {
  const event = logEvent({
    body: mapOf({ message: `mail ${MAIL}`, token: "t" }),
    attributes: { mail: MAIL, pan: 4111111111111111 },
    severityText: MAIL,
  });
  assert.deepEqual(dataOf(event, { data: "body" }), { message: `mail ${R}`, token: R });
  assert.doesNotMatch(JSON.stringify(dataOf(event, { data: "record" })), /canary|4111/);
});

test("bytes that hold text are masked within, others go whole when something is in them", () => {
  const event = logEvent({
    attributes: {
      text: Buffer.from(`mail ${MAIL} now`),
      binary: Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(` ${MAIL}`)]),
      image: Buffer.of(0xff, 0xd8, 1, 2, 3),
    },
  });
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  assert.deepEqual(dataOf(event), { text: base64(`mail ${R} now`), binary: base64(R), image: "/9gBAgM=" });
});

test("literals and patterns of the settings are masked, in values, keys and the subject", () => {
  const masking = {
    ...none,
    literals: [new Secret("Project Aurora"), new Secret("aurora-7")],
    patterns: [{ name: "employee", regex: "EMP-[0-9]{6}" }],
  };
  const event = logEvent({
    attributes: {
      note: "Project Aurora and aurora%2D7 by EMP-123456, EMP-12",
      "of.EMP-654321": 1,
      "tenant.id": "acme",
      "user.id": "EMP-111111",
    },
  });
  const [made] = eventsOf(take([event], {}, masking));
  assert.deepEqual(made?.data, {
    note: `${R} and ${R} by ${R}, EMP-12`,
    [`of.${R}`]: 1,
    "tenant.id": "acme",
    "user.id": R,
  });
  assert.equal(made["subject"], "tenant/acme/user/%5BREDACTED%5D");
});

test("a value whose masking takes too much goes whole and is counted, and its neighbours stay", () => {
  const masking = { ...none, patterns: [{ name: "far", regex: "a.*y|a" }] };
  const event = logEvent({ attributes: { long: "a".repeat(60_000), kept: "b" } });
  const result = take([event], {}, masking);
  assert.deepEqual(eventsOf(result)[0]?.data, { long: R, kept: "b" });
  assert.equal(result.maskFailures, 1);
});

test("with masking off everything goes through", () => {
  const result = takeEvents([logEvent({ attributes: { password: MAIL } })], {}, { mask: compileMask("off") });
  assert.deepEqual(eventsOf(result)[0]?.data, { password: MAIL });
  assert.equal(result.valuesMasked, 0);
});

test("what is stored, delivered and kept as a dead letter is masked, unless masking is switched off", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = (_request, response) => void response.writeHead(400).end(`no mail to ${MAIL}`);
  const recorded: string[] = [];
  const pipeline = await createPipeline(
    {
      wrap: settingsOf(),
      queue: { kind: "memory", maxBytes: 1_000_000, ring: false },
      sinks: [
        {
          kind: "http",
          name: "default",
          endpoint: receiver.url(),
          headers: [],
          batchSize: 1,
          flushIntervalMs: 0,
          contentMode: "structured",
          timeoutMs: 5_000,
          maxInFlight: 1,
          tls: undefined,
          overrides: {},
        },
      ],
      retry: { initialIntervalMs: 1, maxIntervalMs: 1, maxAgeMs: 60_000 },
    },
    {
      clock: systemClock,
      random: systemRandom,
      facts: { record: (...fact) => void recorded.push(JSON.stringify(fact)) },
      onFatal: (error) => assert.fail(error),
    },
  );
  const attributes = new KeyValues();
  attributes.add("mail", MAIL);
  attributes.add("user.id", MAIL);
  attributes.add("tenant.id", "acme");
  const seen: BatchView[] = [];
  pipeline.watch((segment) => seen.push(segment.batch));
  await pipeline.emit([logEvent({ attributes, eventName: "\n" }), logEvent({ attributes })]);
  const letters = await lettersOf(pipeline.queue.deadLetters.bind(pipeline.queue));
  await pipeline.close(1_000);
  const everything = [
    ...receiver.requests.map(({ body }) => body),
    ...letters.map(({ event, detail }) => `${Buffer.from(event).toString()} ${detail}`),
    ...seen.map((view) => Buffer.from(view.event(0)).toString()),
    ...recorded,
  ].join("\n");
  assert.equal(receiver.requests.length, 1);
  assert.equal(letters.length, 1);
  assert.match(letters[0]?.detail ?? "", /no mail to \[REDACTED\]/);
  assert.match(everything, /REDACTED/);
  assert.doesNotMatch(everything, /canary/);
});

async function lettersOf(
  list: (limit: number) => Promise<readonly StoredDeadLetter[]>,
): Promise<readonly DeadLetter[]> {
  for (;;) {
    const letters = await list(10);
    if (letters.length > 0) return letters;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
