/** What an upstream answers is decoded on the event loop: megabytes of it are not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TAKEN_UNREAD, translateGrpcAnswer, translateHttpAnswer } from "../../src/forward/translate.ts";
import { grpcCode } from "../../src/protocol/grpc-code.ts";

const contentType = "application/x-protobuf";

/** Status { details: [{}, ...] } */
const details = Buffer.alloc(3_800_000, Buffer.of(0x1a, 0));
/** ExportTraceServiceResponse { partial_success: { rejected_spans: 1 } }, again and again */
const partials = Buffer.alloc(3_600_000, Buffer.of(0x0a, 2, 8, 1));

test("a refusal with millions of details is one by its status alone, and keeps its wait", () => {
  const answer = translateHttpAnswer(
    { status: 503, contentType, retryAfter: "7", body: details },
    "traces",
    "protobuf",
    0,
  );
  assert.ok(answer.kind === "refused" && answer.httpStatus === 503);
  assert.equal(answer.retryAfterMs, 7_000);
  assert.deepEqual(answer.details, []);
  assert.equal(answer.statusBody, undefined);
});

test("a refusal of a megabyte of text is one by its status alone, and keeps its wait as it was written", () => {
  const body = Buffer.alloc(1_000_000, "no room ");
  const answer = translateHttpAnswer(
    { status: 503, contentType: "text/plain", retryAfter: "7", body },
    "logs",
    "json",
    0,
  );
  assert.ok(answer.kind === "refused");
  assert.equal(answer.message, "the upstream answered with HTTP status 503");
  assert.equal(answer.retryAfter, "7");
});

for (const contentTypeOfAnswer of [contentType, "application/json"]) {
  test(`a success with megabytes of ${contentTypeOfAnswer} is one, and is not looked into`, () => {
    const answer = translateHttpAnswer(
      { status: 200, contentType: contentTypeOfAnswer, retryAfter: undefined, body: partials },
      "traces",
      "protobuf",
      0,
    );
    assert.equal(answer, TAKEN_UNREAD);
  });
}

test("a success over gRPC with megabytes of partial successes is one, and is not looked into", () => {
  const answer = translateGrpcAnswer(
    { code: grpcCode.ok, message: "", details: [], response: partials },
    "traces",
    "protobuf",
  );
  assert.equal(answer, TAKEN_UNREAD);
});

test("a partial success as long as one may want to be is given on", () => {
  const message = Buffer.alloc(30_000, "x");
  const partial = Buffer.concat([Buffer.of(0x12, 0xb0, 0xea, 0x01), message]);
  const body = Buffer.concat([Buffer.of(0x0a, 0xb4, 0xea, 0x01), partial]);
  const answer = translateHttpAnswer(
    { status: 200, contentType, retryAfter: undefined, body },
    "traces",
    "protobuf",
    0,
  );
  assert.deepEqual(answer, { kind: "accepted", response: body });
});
