/** A server of grpc-go, which the OpenTelemetry Collector is, compresses its answers as the request was. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { systemClock } from "@coresdk/pipeline";
import type { ExportAnswer } from "../../src/contracts.ts";
import { sidecarFacts } from "../../src/facts.ts";
import { createForwarder } from "../../src/forward/forwarder.ts";
import { frame, recordFacts } from "../receive/doors.ts";
import { openGrpcUpstream } from "./upstreams.ts";

/** ExportTraceServiceResponse { partial_success: { rejected_spans: 3, error_message: "bad" } } */
const PARTIAL = Buffer.of(0x0a, 7, 0x08, 3, 0x12, 3, ...Buffer.from("bad"));

test("a partial success comes through", async () => {
  const { answer, unread, accepts } = await forwardTo("gzip", gzipSync(PARTIAL));
  assert.ok(answer.kind === "accepted" && answer.response !== undefined);
  assert.deepEqual(Buffer.from(answer.response), PARTIAL);
  assert.equal(unread, 0);
  assert.equal(accepts, "identity,gzip");
});

for (const [title, encoding, bytes] of [
  ["in a compression that it did not name", "identity", gzipSync(PARTIAL)],
  ["in one that we do not know", "snappy", PARTIAL],
  ["damaged", "gzip", gzipSync(PARTIAL).subarray(0, 20)],
  ["larger than an answer is looked into", "gzip", gzipSync(Buffer.alloc(3_600_000, PARTIAL))],
] as const) {
  test(`an answer of success ${title} is a success, and counted`, async () => {
    const { answer, unread } = await forwardTo(encoding, bytes);
    assert.deepEqual(answer, { kind: "accepted", response: undefined });
    assert.equal(unread, 1);
  });
}

async function forwardTo(
  encoding: string,
  bytes: Uint8Array,
): Promise<{ answer: ExportAnswer; unread: number; accepts: unknown }> {
  const upstream = await openGrpcUpstream((_, stream) => {
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    const headers = { ":status": 200, "content-type": "application/grpc", "grpc-encoding": encoding };
    stream.respond(headers, { waitForTrailers: true });
    stream.end(frame(bytes, true));
    return undefined;
  });
  const facts = recordFacts();
  const settings = { ...upstream.settings, compression: "gzip" } as const;
  const forwarder = createForwarder(settings, { clock: systemClock, facts });
  try {
    const answer = await forwarder.forward("traces", Buffer.of(0x0a, 0x00), "protobuf");
    const unread = facts.count(sidecarFacts.forwardUnread);
    return { answer, unread, accepts: upstream.came[0]?.headers["grpc-accept-encoding"] };
  } finally {
    await forwarder.close(0);
    await upstream.close();
  }
}
