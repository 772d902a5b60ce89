import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { createEvent } from "@coresdk/cloudevents";
import { encode } from "@coresdk/cloudevents/http";
import { startExample } from "./program.ts";

const denied = createEvent({
  type: "io.coresdk.auth.denied",
  source: "https://orders.acme.com",
  subject: "tenant/acme",
  data: { result: "denied" },
});
const decision = createEvent({
  type: "io.coresdk.policy.decision",
  source: "https://orders.acme.com",
  subject: "tenant/acme/user/usr_2xK9",
  data: { result: "allowed" },
});
const messages = [
  ["structured", encode(decision)],
  ["binary", encode(decision, { mode: "binary" })],
  ["batched", encode([decision, denied])],
] as const;

async function post(
  url: string,
  message: { headers: Record<string, string>; body?: RequestInit["body"] | undefined },
): Promise<number> {
  const response = await fetch(url, { method: "POST", headers: message.headers, body: message.body ?? null });
  return response.status;
}

test("http-receiver allows the senders that it knows, and leaves others without an answer", async (t) => {
  const program = startExample(t, "http-receiver", { PORT: "0" });
  const url = /http:\S+/.exec(await program.line(/^listening on http/))?.[0] ?? "";
  const ask = async (origin: string): Promise<readonly [string | null, string | null]> => {
    const headers = { "webhook-request-origin": origin, "webhook-request-rate": "10" };
    const { headers: answer } = await fetch(url, { method: "OPTIONS", headers });
    return [answer.get("webhook-allowed-origin"), answer.get("webhook-allowed-rate")];
  };
  assert.deepEqual(await ask("events.acme.example"), ["events.acme.example", "6000"]);
  assert.deepEqual(await ask("elsewhere.example"), [null, null]);
  program.stop();
  assert.equal((await program.ended()).code, 0);
});

for (const [example, seen] of [
  [
    "http-receiver",
    {
      decision: /^decision tenant\/acme\/user\/usr_2xK9 {"result":"allowed"}$/,
      denied: /^denied tenant\/acme {"result":"denied"}$/,
    },
  ],
  [
    "hono-receiver",
    {
      decision: /^io\.coresdk\.policy\.decision tenant\/acme\/user\/usr_2xK9 {"result":"allowed"}$/,
      denied: /^io\.coresdk\.auth\.denied tenant\/acme/,
    },
  ],
] as const) {
  test(`${example} takes events in every content mode and turns down what is none`, async (t) => {
    const program = startExample(t, example, { PORT: "0" });
    const url = /http:\S+/.exec(await program.line(/^listening on http/))?.[0] ?? "";
    for (const [mode, message] of messages) {
      assert.equal(await post(url, message), 204, mode);
    }
    await program.line(seen.decision);
    await program.line(seen.denied);
    const { specversion: _, ...broken } = decision;
    const structured = { "content-type": "application/cloudevents+json" };
    assert.equal(await post(url, { headers: structured, body: JSON.stringify(broken) }), 400);
    for (const type of ["text/plain", "application/json", "application/cloudevents+avro"]) {
      assert.equal(await post(url, { headers: { "content-type": type }, body: "{}" }), 415, type);
    }
    // Last, since the connection is closed then.
    assert.equal(await post(url, { headers: structured, body: "x".repeat(2 * 1024 * 1024) }), 413);
    program.stop();
    assert.equal((await program.ended()).code, 0);
  });

  test(`${example} goes on when a sender goes away in the middle of its request`, async (t) => {
    const program = startExample(t, example, { PORT: "0" });
    const url = new URL(/http:\S+/.exec(await program.line(/^listening on http/))?.[0] ?? "");
    for (const headers of ["content-length: 1000", "transfer-encoding: chunked"]) {
      const socket = connect(Number(url.port), url.hostname);
      await once(socket, "connect");
      const type = "content-type: application/cloudevents+json";
      const head = `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\n${type}\r\n${headers}\r\nexpect: 100-continue\r\n\r\n`;
      socket.write(head);
      // The program has the request now, and waits for its body.
      await once(socket, "data");
      socket.write('3e8\r\n{"specversion"');
      socket.resetAndDestroy();
      await once(socket, "close");
    }
    assert.equal(await post(url.href, encode(decision)), 204);
    await program.line(seen.decision);
    program.stop();
    const { code, lines } = await program.ended();
    assert.equal(code, 0, lines.join("\n"));
  });
}
