/** Large requests are masked by a thread on their way to the upstream: what goes on is the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LARGE_BYTES, type MaskSettings, Secret, systemClock } from "@coresdk/pipeline";
import { field } from "../../../pipeline/test/otlp/wire-bytes.ts";
import { SenderOfTest } from "../../../pipeline/test/thread/sender-of-test.ts";
import { ACCEPTED, type Forwarder } from "../../src/contracts.ts";
import { ForwardMasking } from "../../src/forward/forward-masking.ts";
import { maskForwarded } from "../../src/forward/mask-forwarded.ts";

const masking: MaskSettings = {
  blockedKeys: [],
  allowKeys: [],
  patterns: [],
  literals: [new Secret("Rumpelstilzchen")],
  categories: {},
};

function spansRequest(notes: readonly string[]): Uint8Array {
  const spans = notes.map((note, i) => ({
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    name: `span ${i}`,
    attributes: [{ key: "note", value: { stringValue: note } }],
  }));
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
}

const clean = Array.from({ length: 4_000 }, () => "x".repeat(100));

interface Rig {
  readonly forwarder: Forwarder;
  readonly sent: Uint8Array[];
  readonly counted: string[];
}

function forwarding(): Rig {
  const sent: Uint8Array[] = [];
  const counted: string[] = [];
  const upstream: Forwarder = {
    async forward(_signal, message) {
      sent.push(message);
      return ACCEPTED;
    },
    state: () => ({ state: "untried", reason: "" }),
    close: async () => {},
  };
  const facts = { record: ({ name }: { readonly name: string }): void => void counted.push(name) };
  const settings = { masking, logs: "none", traces: true, metrics: false } as const;
  return { forwarder: maskForwarded(upstream, settings, { clock: systemClock, facts }), sent, counted };
}

test("a large request is masked as it would be at once, and one without a finding keeps its bytes", async () => {
  const { forwarder, sent } = forwarding();
  const found = spansRequest([...clean, "ask Rumpelstilzchen"]);
  const nothing = spansRequest(clean);
  await forwarder.forward("traces", found, "json");
  await forwarder.forward("traces", nothing, "json");
  await forwarder.close(0);
  const { message } = new ForwardMasking(masking).mask("traces", found, "json", false);
  assert.deepEqual(Buffer.from(sent[0] ?? []), Buffer.from(message ?? []));
  assert.equal(sent[1], nothing);
});

/** Turns of the event loop until a request is forwarded. */
async function countTurns(request: Uint8Array, encoding: "json" | "protobuf"): Promise<number> {
  const { forwarder } = forwarding();
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await forwarder.forward("traces", request, encoding);
  isDone = true;
  await forwarder.close(0);
  return turns;
}

test("the event loop goes on while a large request is masked", async () => {
  const turns = await countTurns(spansRequest(clean), "json");
  assert.ok(turns > 10, `${turns} turns`);
});

function repeated(count: number, bytes: Uint8Array): Uint8Array {
  return Buffer.alloc(count * bytes.length, bytes);
}

const inSpan = (fields: Uint8Array): Uint8Array => field(1, field(2, field(2, fields)));

/** Requests that hold much for their size, all of them well below what counts as large. */
const dense: readonly (readonly [what: string, request: Uint8Array])[] = [
  ["spans", field(1, field(2, repeated(9_000, field(2, field(5, "x")))))],
  ["attributes", inSpan(repeated(9_000, field(9, field(1, "k"))))],
  ["items of a list", inSpan(field(9, field(2, field(5, repeated(9_000, field(1, field(1, "x")))))))],
  ["entries of a map", inSpan(field(9, field(2, field(6, repeated(9_000, field(1, field(1, "k")))))))],
  ["attributes of a resource", field(1, field(1, repeated(9_000, field(1, field(1, "k")))))],
  [
    "attributes in JSON",
    Buffer.from(`{"resourceSpans":[{"resource":{"attributes":[{}${",{}".repeat(9_000)}]}}]}`),
  ],
  ["unknown values in JSON", Buffer.from(`{"x":[0${",0".repeat(9_000)}]}`)],
];

for (const [what, request] of dense) {
  test(`the event loop goes on while a small request with many ${what} is masked`, async () => {
    assert.ok(request.length < LARGE_BYTES);
    const turns = await countTurns(request, what.endsWith("JSON") ? "json" : "protobuf");
    assert.ok(turns > 10, `${turns} turns`);
  });
}

test("what is small is masked at once", async () => {
  const { forwarder, sent } = forwarding();
  const forwarded = forwarder.forward("traces", spansRequest(clean.slice(0, 100)), "json");
  // Without a thread, which is begun later.
  await new Promise(setImmediate);
  assert.equal(sent.length, 1);
  await forwarded;
  await forwarder.close(0);
});

test("a large request whose sender has gone is not masked, and goes nowhere", async () => {
  const { forwarder, sent } = forwarding();
  const sender = new SenderOfTest();
  sender.leave();
  const answer = await forwarder.forward("traces", spansRequest(clean), "json", sender);
  await forwarder.close(0);
  assert.equal(answer.kind === "refused" && answer.httpStatus, 503);
  assert.deepEqual(sent, []);
});

test("a neighbour's large request does not wait for those of others that are many times its size", async () => {
  const { forwarder } = forwarding();
  const done: string[] = [];
  const forward = async (what: string, request: Uint8Array): Promise<void> => {
    await forwarder.forward("traces", request, "json", new SenderOfTest());
    done.push(what);
  };
  const huge = spansRequest(Array.from({ length: 8 }, () => clean).flat());
  const own = spansRequest(clean.slice(0, 400));
  assert.ok(own.length >= LARGE_BYTES && huge.length > 10 * own.length);
  await Promise.all([...["a", "b", "c", "d"].map((what) => forward(what, huge)), forward("own", own)]);
  await forwarder.close(0);
  assert.notEqual(done.at(-1), "own", done.join());
  assert.equal(done.length, 5);
});

test("a large request that is none is refused as the sender's fault and goes nowhere", async () => {
  const { forwarder, sent } = forwarding();
  const wrong = Buffer.concat([spansRequest(clean), Buffer.from("]")]);
  const answer = await forwarder.forward("traces", wrong, "json");
  await forwarder.close(0);
  assert.equal(answer.kind === "refused" && answer.httpStatus, 400);
  assert.deepEqual(sent, []);
});

test("a request that is given up is refused for now", async () => {
  const { forwarder, sent } = forwarding();
  const answer = forwarder.forward("traces", spansRequest(clean), "json");
  await forwarder.close(0);
  const refused = await answer;
  assert.equal(refused.kind === "refused" && refused.httpStatus, 503);
  assert.deepEqual(sent, []);
});
