import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Outcome } from "../../../src/contracts.ts";
import { checkServerMessage } from "../../../src/deliver/kafka/check-scram.ts";
import { createKafkaSink } from "../../../src/deliver/kafka/kafka-sink.ts";
import { Secret } from "../../../src/secret.ts";
import type { SaslSettings, TlsSettings } from "../../../src/settings.ts";
import { systemClock, systemRandom } from "../../../src/system.ts";
import { sinkEvents } from "../events.ts";
import { FakeBroker, honest, type Lines, otherSignature } from "./fake-broker.ts";

const PASSWORD = "alice-secret";
const NO_TLS: TlsSettings = { ca: undefined, cert: undefined, key: undefined, servername: undefined };

function openSink(broker: string, sasl: Partial<SaslSettings> = {}, tls?: TlsSettings) {
  return createKafkaSink(
    {
      kind: "kafka",
      name: "default",
      brokers: [broker],
      topic: "events",
      tls,
      sasl: { mechanism: "SCRAM-SHA-256", username: "alice", password: new Secret(PASSWORD), ...sasl },
      contentMode: "structured",
      key: "subject",
      compression: "none",
      lingerMs: 0,
      batchSize: 1,
      // Never waited for: the broker answers, or ends the connection.
      timeoutMs: 30_000,
    },
    { clock: systemClock, random: systemRandom },
  );
}

async function sendTo(broker: FakeBroker): Promise<Outcome> {
  const sink = openSink(broker.address);
  try {
    const [outcome] = await sink.send(sinkEvents({ id: "1" }), new AbortController().signal);
    assert.ok(outcome);
    return outcome;
  } finally {
    await sink.close();
  }
}

test("a broker that proves that it knows the password is believed", async () => {
  await using broker = await new FakeBroker(PASSWORD).listen();
  await sendTo(broker);
  assert.ok(broker.after.length > 0, "the client went on after the login");
});

const NO_PROOF = "the broker does not prove that it knows the password (SCRAM)";
const sent = (what: string): string => `the login was broken off, since the broker sent ${what} (SCRAM)`;
const NO_FIRST = sent("a server-first message of no such length");
const NO_SALT = sent("a server-first message without a salt");
const NO_SIGNATURE = sent("a server-final message without a signature");
const impostors: readonly (readonly [name: string, lines: Partial<Lines>, reason: string])[] = [
  ["a signature of another password", { final: () => `v=${otherSignature()}` }, NO_PROOF],
  ["a signature cut short", { final: (signature) => `v=${signature.slice(0, 20)}` }, NO_PROOF],
  ["no signature", { final: () => "x=1" }, NO_SIGNATURE],
  ["an empty signature", { final: () => "v=" }, NO_SIGNATURE],
  ["nothing at all at the end", { final: () => "" }, sent("a server-final message of no such length")],
  ["nothing at all at the beginning", { first: () => "" }, NO_FIRST],
  ["no SCRAM", { first: () => "hello" }, sent("a server-first message that is none")],
  ["no nonce", { first: () => "s=YWJj,i=4096" }, sent("a server-first message without a nonce")],
  ["a nonce that is not ours", { first: () => "r=other,s=YWJj,i=4096" }, NO_PROOF],
  ["no salt", { first: (nonce) => `r=${nonce}x,i=4096` }, NO_SALT],
  [
    "no iterations",
    { first: (nonce) => `r=${nonce}x,s=YWJj` },
    sent("a server-first message without a count of iterations"),
  ],
  ["too few iterations", { first: (nonce) => `r=${nonce}x,s=YWJj,i=1` }, sent("too few iterations")],
  [
    "iterations for hours",
    { first: (nonce) => `r=${nonce}x,s=YWJj,i=2147483647` },
    sent("more than 1000000 iterations"),
  ],
  [
    "two salts",
    { first: (nonce) => `${honest.first(nonce)},s=YWJj` },
    sent("a server-first message with an attribute twice"),
  ],
];
// The client tries thrice before it gives up: at the same time, since all that is done meanwhile is to wait.
describe("a broker that does not is told nothing more, and parks the sink", { concurrency: true }, () => {
  for (const [name, lines, reason] of impostors) {
    test(name, async () => {
      await using broker = await new FakeBroker(PASSWORD, lines).listen();
      const outcome = await sendTo(broker);
      assert.deepEqual(outcome, { kind: "parked", reason, status: "" });
      assert.deepEqual(broker.after, []);
      assert.equal(Buffer.concat(broker.received).includes(PASSWORD), false);
    });
  }
});

test("any message of a server is judged without an error", () => {
  fc.assert(
    fc.property(fc.constantFrom("first", "final"), fc.uint8Array({ maxLength: 80 }), (step, bytes) => {
      checkServerMessage(step, bytes);
    }),
    { seed: 7 },
  );
  assert.equal(checkServerMessage("first", Buffer.from(honest.first("abc"))), undefined);
  assert.equal(checkServerMessage("final", Buffer.from("e=invalid-proof")), undefined);
});

test("PLAIN without TLS is refused, and nothing is connected; allowed by name it is sent", async () => {
  await using broker = await new FakeBroker(PASSWORD).listen();
  assert.throws(
    () => openSink(broker.address, { mechanism: "PLAIN" }),
    (error: Error) => /PLAIN without TLS/.test(error.message) && !error.message.includes(PASSWORD),
  );
  assert.throws(() => openSink(broker.address, { mechanism: "PLAIN", allowPlaintext: false }), /PLAIN/);
  await openSink(broker.address, { mechanism: "PLAIN" }, NO_TLS).close();
  assert.equal(broker.connections, 0);
  const sink = openSink(broker.address, { mechanism: "PLAIN", allowPlaintext: true });
  await sink.send(sinkEvents({ id: "1" }), new AbortController().signal);
  await sink.close();
  assert.equal(Buffer.concat(broker.received).includes(PASSWORD), true);
});
