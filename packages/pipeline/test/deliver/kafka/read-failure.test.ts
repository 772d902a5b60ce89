import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AuthenticationError,
  MultipleErrors,
  NetworkError,
  ResponseError,
  TimeoutError,
  UserError,
} from "@platformatic/kafka";
import { readFailure } from "../../../src/deliver/kafka/read-failure.ts";

const NAMES: Readonly<Record<number, string>> = {
  0: "NONE",
  3: "UNKNOWN_TOPIC_OR_PARTITION",
  6: "NOT_LEADER",
  10: "MESSAGE_TOO_LARGE",
};
const PRODUCE = 0;

test("each partition has its own answer, and what is not answered has the rest's", () => {
  const failed = new MultipleErrors("Producing messages failed.", [refusal([0, 0], [1, 10])]);
  const failure = read(
    Object.assign(failed, { produced: { offsets: [{ topic: "t", partition: 5, offset: 1n }] } }),
  );
  assert.deepEqual([...failure.partitions].sort(), [
    [0, { error: "NONE" }],
    [1, { error: "MESSAGE_TOO_LARGE" }],
    [5, { error: "NONE" }],
  ]);
  assert.equal(failure.partitions.get(2), undefined);
  assert.equal(failure.rest.kind, "retry");
});

test("of several attempts, stored once is stored, and else the last word counts", () => {
  const failure = read(
    new MultipleErrors("produce failed 2 times.", [refusal([0, 0], [1, 6]), refusal([0, 6], [1, 10])]),
  );
  assert.equal(failure.partitions.get(0)?.error, "NONE");
  assert.equal(failure.partitions.get(1)?.error, "MESSAGE_TOO_LARGE");
});

test("a wrong password is found however deep it is nested", () => {
  const authentication = new AuthenticationError("SASL authentication failed.");
  const connection = new NetworkError("Connection failed.", { cause: authentication });
  const { rest } = read(
    new MultipleErrors("metadata failed 1 times.", [new MultipleErrors("Cannot connect.", [connection])]),
  );
  assert.equal(rest.kind, "parked");
});

test("an authority that is not trusted parks, a closed port is tried again", () => {
  const untrusted = Object.assign(new Error("self-signed"), { code: "SELF_SIGNED_CERT_IN_CHAIN" });
  assert.equal(read(new NetworkError("Connection failed.", { cause: untrusted })).rest.kind, "parked");
  const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  const { rest } = read(new NetworkError("Connection failed.", { cause: refused }));
  assert.deepEqual(rest, {
    kind: "retry",
    reason: "no broker: connection refused (ECONNREFUSED)",
    status: "",
  });
});

test("a broker without TLS on the port is said to be one, whatever the code says", () => {
  const closed = new Error("Client network socket disconnected before secure TLS connection was established");
  const cause = Object.assign(closed, { code: "ECONNRESET" });
  const { rest } = read(new MultipleErrors("x", [new NetworkError("Connection failed.", { cause })]));
  assert.equal(rest.kind, "retry");
  assert.match(rest.reason, /before TLS began: it may not speak TLS on this port \(ECONNRESET\)$/);
});

test("what only the client says is told in words", () => {
  for (const error of [new NetworkError("Connection closed"), new TimeoutError("Request timed out")]) {
    assert.deepEqual(read(new MultipleErrors("x", [error])).rest, {
      kind: "retry",
      reason: "no broker: no answer in time, or the connection ended before it (PLT_KFK_NETWORK)",
      status: "",
    });
  }
});

test("an unknown topic is tried again", () => {
  const { rest } = read(new UserError("Unknown topic t."));
  assert.deepEqual(rest, {
    kind: "retry",
    reason: "the topic does not exist",
    status: "UNKNOWN_TOPIC_OR_PARTITION",
  });
});

test("what is no error of the client is tried again", () => {
  for (const thrown of [undefined, null, "text", 7, {}, new Error("x")]) {
    assert.equal(read(thrown).rest.kind, "retry");
    assert.equal(read(thrown).partitions.size, 0);
  }
});

test("an error that holds itself is read to an end", () => {
  const loop: Error & { cause?: unknown } = new Error("loop");
  loop.cause = loop;
  assert.equal(read(loop).rest.kind, "retry");
});

function read(error: unknown): ReturnType<typeof readFailure> {
  return readFailure(error, (code) => NAMES[code] ?? `error ${code}`);
}

/** One broker's answer: partitions and their error codes. */
function refusal(...answers: readonly (readonly [partition: number, code: number])[]): ResponseError {
  const partitionResponses = answers.map(([index, errorCode]) => ({ index, errorCode, baseOffset: 0n }));
  const errors: Record<string, [number, null]> = {};
  for (const [index, code] of answers) if (code !== 0) errors[`/${index}`] = [code, null];
  return new ResponseError(PRODUCE, 11, errors, {
    responses: [{ name: "t", partitionResponses }],
  });
}
