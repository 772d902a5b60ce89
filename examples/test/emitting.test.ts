import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type ReceivedEvent, startReceiver } from "../../testing/e2e/receiver.ts";
import { startSidecar } from "../../testing/e2e/sidecar-process.ts";
import { startExample } from "./program.ts";

test("create-event prints the event as JSON and sends the same", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const { code, lines } = await startExample(t, "create-event", { EVENTS_URL: receiver.url }).ended();
  assert.equal(code, 0, lines.join("\n"));
  const [printed = "", status] = lines;
  assert.equal(status, "202");
  const event: ReceivedEvent = JSON.parse(printed);
  assert.deepEqual(receiver.events, [event]);
  assert.equal(event.type, "io.coresdk.policy.decision");
  assert.deepEqual(event.data, { result: "allowed" });
});

test("emit-in-process delivers its events, from memory and from disk", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "coresdk-example-"));
  t.after(() => rm(dir, { recursive: true }));
  for (const env of [{}, { EVENTS_DIR: join(dir, "queue") }]) {
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const { code, lines } = await startExample(t, "emit-in-process", {
      EVENTS_URL: receiver.url,
      ...env,
    }).ended();
    assert.equal(code, 0, lines.join("\n"));
    assert.deepEqual(lines, ["delivered"]);
    assert.deepEqual(
      receiver.events.map(({ type, subject, data }) => ({ type, subject, data })),
      [
        {
          type: "io.coresdk.policy.decision",
          subject: "tenant/acme/user/usr_2xK9",
          data: {
            tenant_id: "acme",
            user_id: "usr_2xK9",
            action: "orders:create",
            result: "allowed",
            policy_latency_us: 43,
          },
        },
        {
          type: "com.acme.order.created",
          subject: "tenant/acme",
          data: { body: { order: "42", total: 9.5 } },
        },
      ],
    );
  }
});

test("emit-in-process ends with an error that says how many events were not delivered", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  receiver.answer(() => 401);
  const { code, lines } = await startExample(t, "emit-in-process", { EVENTS_URL: receiver.url }).ended();
  assert.notEqual(code, 0);
  assert.ok(
    lines.includes("2 events lost (undelivered): not delivered before the shutdown ended"),
    lines.join("\n"),
  );
});

test("spans-as-events delivers the marked span and its event, and prints the other", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const { code, lines } = await startExample(t, "spans-as-events", { EVENTS_URL: receiver.url }).ended();
  assert.equal(code, 0, lines.join("\n"));
  assert.deepEqual(receiver.events.map(({ type }) => type).sort(), [
    "com.acme.card.charged",
    "io.coresdk.policy.decision",
  ]);
  const printed: ReceivedEvent = JSON.parse(lines[0] ?? "");
  assert.equal(printed.type, "io.coresdk.span.ended");
  assert.equal(printed.data?.["name"], "render receipt");
});

test("emit-through-sidecar delivers an event that names its trace", async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), "coresdk-example-"));
  t.after(() => rm(cwd, { recursive: true }));
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const doors = ["--otlp-grpc", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
  const args = ["--http", receiver.url, "--source", "https://orders.acme.com", ...doors];
  const sidecar = await startSidecar({ cwd, args });
  try {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${sidecar.http}` };
    const { code, lines } = await startExample(t, "emit-through-sidecar", env).ended();
    assert.equal(code, 0, lines.join("\n"));
    const [event] = await receiver.until(1);
    assert.equal(event?.type, "io.coresdk.auth.verified");
    assert.equal(event.subject, "tenant/acme/user/usr_2xK9");
    assert.equal(lines[0], `exported ${event.traceparent?.split("-")[1]}`);
  } finally {
    assert.equal(await sidecar.stop(), 0);
  }
});
