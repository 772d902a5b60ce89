/** What stands around a message: gzip and gRPC's framing, in pieces as a network cuts them. */
import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { MessageReader, PREFIX_BYTES } from "../../packages/sidecar/src/protocol/grpc-message.ts";
import { InFlightBudget } from "../../packages/sidecar/src/receive/budget.ts";
import { gunzip } from "../../packages/sidecar/src/receive/gunzip.ts";
import { frame } from "../../packages/sidecar/test/receive/doors.ts";
import { seededRandom } from "../bench/corpus.ts";
import { decisionRequest } from "../otlp/requests.ts";
import type { Target } from "./target.ts";

const MAX_BYTES = 200_000;

const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7919) % 251));
const messages = [
  Buffer.alloc(0),
  Buffer.from("{}"),
  Buffer.from(decisionRequest(5)),
  noise,
  Buffer.alloc(70_000),
];

const gzipTarget: Target = {
  name: "gzip",
  // The last two are more than is allowed, on the spot and in parts.
  corpus: [
    ...messages.map((message) => gzipSync(message)),
    Buffer.concat([gzipSync("a"), gzipSync("b")]),
    gzipSync(Buffer.alloc(1_000_000)),
    gzipSync(Buffer.alloc(8_000_000)),
  ],
  dictionary: [Buffer.from([0x1f, 0x8b, 8]), Buffer.alloc(8, 0xff), gzipSync("x")],
  async feed(input) {
    const budget = new InFlightBudget(MAX_BYTES);
    const lease = budget.lease();
    const outcome = await gunzip(input, MAX_BYTES, lease);
    assert.ok(budget.heldBytes <= MAX_BYTES);
    lease.release();
    assert.equal(budget.heldBytes, 0);
    if (outcome.kind !== "bytes") return "refused";
    assert.ok(outcome.bytes.length <= MAX_BYTES);
    assert.deepEqual(outcome.bytes, gunzipSync(input, { maxOutputLength: MAX_BYTES }));
    return "taken";
  },
};

const grpcTarget: Target = {
  name: "gRPC framing",
  corpus: messages.flatMap((message) => [frame(message), frame(gzipSync(message), true)]),
  dictionary: [Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), Buffer.from([1, 0, 0, 0, 0]), frame(Buffer.of(1))],
  feed(input) {
    const next = seededRandom(input.length + (input[0] ?? 0));
    const reader = new MessageReader(MAX_BYTES);
    let progress: ReturnType<MessageReader["push"]> = "incomplete";
    let fed = 0;
    while (fed < input.length) {
      const piece = input.subarray(fed, fed + 1 + Math.floor(next() * (next() < 0.5 ? 10 : 20_000)));
      progress = reader.push(piece);
      fed += piece.length;
      // A piece is looked at when it is there; beyond it nothing is held that was not announced within the limit.
      assert.ok(reader.heldBytes <= MAX_BYTES + PREFIX_BYTES + piece.length);
      if (progress === "too_large" || progress === "malformed") return "refused";
    }
    if (progress !== "complete") return "refused";
    const { compressed, bytes } = reader.take();
    assert.deepEqual(frame(bytes, compressed), input);
    return "taken";
  },
};

export const framingTargets: readonly Target[] = [gzipTarget, grpcTarget];
