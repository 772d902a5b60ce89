import assert from "node:assert/strict";
import type { ServerHttp2Stream } from "node:http2";
import { createServer } from "node:net";
import { after, describe, it } from "node:test";
import { Secret, systemClock } from "@coresdk/pipeline";
import { findClosedPort, listen } from "../../../../testing/listen.ts";
import { ACCEPTED, type ExportAnswer, type Forwarder } from "../../src/contracts.ts";
import { sidecarFacts } from "../../src/facts.ts";
import { createForwarder } from "../../src/forward/forwarder.ts";
import { type ForwardSettings, forwardDefaults } from "../../src/forward/settings.ts";
import { ManualClock, recordFacts } from "../receive/doors.ts";
import { openGrpcUpstream, openHttpUpstream, type Upstream } from "./upstreams.ts";

const ended: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const end of ended) await end();
});

function open(upstream: Upstream, overrides: Partial<ForwardSettings> = {}, clock = systemClock) {
  const facts = recordFacts();
  const forwarder = createForwarder({ ...upstream.settings, ...overrides }, { clock, facts });
  ended.push(
    () => forwarder.close(0),
    () => upstream.close(),
  );
  return { forwarder, facts };
}

const message = Buffer.of(0x0a, 0x00);

function send(forwarder: Forwarder): Promise<ExportAnswer> {
  return forwarder.forward("traces", message, "protobuf");
}

function statusOf(answer: ExportAnswer): number {
  return answer.kind === "refused" ? answer.httpStatus : 200;
}

const upstreams = { grpc: openGrpcUpstream, "http/protobuf": openHttpUpstream };

describe("without an upstream", () => {
  it("everything is accepted, counted and dropped", async () => {
    const facts = recordFacts();
    const forwarder = createForwarder(undefined, { clock: systemClock, facts });
    assert.equal(await send(forwarder), ACCEPTED);
    assert.equal(facts.count(sidecarFacts.dropped, { signal: "traces" }), 1);
    assert.equal(facts.count(sidecarFacts.droppedBytes), 2);
    assert.deepEqual(forwarder.state(), { state: "none", reason: "" });
    await forwarder.close(0);
  });
});

for (const protocol of ["grpc", "http/protobuf"] as const) {
  describe(`an upstream that speaks ${protocol}`, () => {
    it("answers 503 while it cannot be reached, and is used again as soon as it can", async () => {
      const port = await findClosedPort();
      const settings = { ...forwardDefaults, endpoint: `http://127.0.0.1:${port}`, protocol };
      const facts = recordFacts();
      const forwarder = createForwarder(settings, { clock: systemClock, facts });
      ended.push(() => forwarder.close(0));
      const answer = await send(forwarder);
      assert.equal(statusOf(answer), 503);
      assert.equal(answer.kind === "refused" && answer.grpcCode, 14);
      assert.deepEqual(forwarder.state(), { state: "failing", reason: "ECONNREFUSED" });
      assert.equal(facts.count(sidecarFacts.forwardUnreachable), 1);
      const upstream = await upstreams[protocol](undefined, port);
      ended.push(() => upstream.close());
      assert.equal(await send(forwarder), ACCEPTED);
      assert.equal(forwarder.state().state, "ready");
      assert.equal(facts.count(sidecarFacts.forwarded), 1);
    });

    it("answers 504 when it is silent until the deadline, and the next call goes through", async () => {
      const clock = new ManualClock();
      let silent = true;
      const upstream =
        protocol === "grpc"
          ? await openGrpcUpstream(() => (silent ? undefined : { code: 0 }))
          : await openHttpUpstream(() => (silent ? undefined : { status: 200 }));
      const { forwarder, facts } = open(upstream, { timeoutMs: 3000 }, clock);
      const sending = send(forwarder);
      while (upstream.came.length === 0) await new Promise(setImmediate);
      clock.advance(3000);
      assert.equal(statusOf(await sending), 504);
      assert.equal(facts.count(sidecarFacts.forwardUnreachable), 1);
      silent = false;
      assert.equal(await send(forwarder), ACCEPTED);
      await forwarder.close(0);
      assert.equal(clock.scheduled, 0);
    });

    it("has an answer beyond the limit refused for good, and the log says that it was discarded", async () => {
      const large = Buffer.alloc(5000);
      const upstream =
        protocol === "grpc"
          ? await openGrpcUpstream(() => ({ code: 0, response: large }))
          : await openHttpUpstream(() => ({ status: 503, body: large }));
      const { forwarder, facts } = open(upstream, { maxResponseBytes: 1000 });
      assert.equal(statusOf(await send(forwarder)), 500);
      const [refused] = facts.recorded.filter(({ fact }) => fact === sidecarFacts.forwardRefused);
      assert.match(refused?.detail ?? "", /larger than 1000 bytes.*may have taken the data/);
    });

    it("gets what is under way at closing, and nothing after", async () => {
      const clock = new ManualClock();
      let answerNow = (): void => undefined;
      const upstream =
        protocol === "grpc"
          ? await openGrpcUpstream((_, stream) => {
              answerNow = () => {
                const headers = { ":status": 200, "content-type": "application/grpc", "grpc-status": "0" };
                stream.respond(headers, { endStream: true });
              };
              return undefined;
            })
          : await openHttpUpstream((_, response) => {
              answerNow = () => response.writeHead(200).end();
              return undefined;
            });
      const { forwarder } = open(upstream, {}, clock);
      const sending = send(forwarder);
      while (upstream.came.length === 0) await new Promise(setImmediate);
      const closed = forwarder.close(5000);
      assert.equal(statusOf(await send(forwarder)), 503);
      answerNow();
      assert.equal(statusOf(await sending), 200);
      await closed;
      assert.equal(upstream.came.length, 1);
    });

    it("is let go at the deadline of closing although it has not answered", async () => {
      const clock = new ManualClock();
      const upstream =
        protocol === "grpc"
          ? await openGrpcUpstream(() => undefined)
          : await openHttpUpstream(() => undefined);
      const { forwarder } = open(upstream, {}, clock);
      const sending = send(forwarder);
      while (upstream.came.length === 0) await new Promise(setImmediate);
      const closed = forwarder.close(100);
      clock.advance(100);
      await closed;
      assert.equal(statusOf(await sending), 503);
    });

    it("takes a message of the largest recommended size", async () => {
      const upstream = await upstreams[protocol]();
      const { forwarder } = open(upstream);
      const large = Buffer.alloc(64 * 1024 * 1024, 1);
      const answers = await Promise.all([
        forwarder.forward("logs", large, "protobuf"),
        forwarder.forward("logs", large, "protobuf"),
      ]);
      assert.deepEqual(answers.map(statusOf), [200, 200]);
      assert.ok(upstream.came[0]?.message.equals(large));
    });
  });
}

describe("the connection to a gRPC upstream", () => {
  it("is made anew after the upstream said GOAWAY or broke it off", async () => {
    const upstream = await openGrpcUpstream();
    const { forwarder } = open(upstream);
    assert.equal(await send(forwarder), ACCEPTED);
    for (const end of ["close", "destroy"] as const) {
      const [session] = upstream.sessions;
      assert.ok(session !== undefined);
      session[end]();
      assert.equal(await send(forwarder), ACCEPTED);
    }
    assert.equal(upstream.came.length, 3);
  });

  it("ends in order although the upstream ends it with an error meanwhile", async () => {
    const upstream = await openGrpcUpstream((_, stream) => {
      stream.session?.goaway(2);
      stream.session?.destroy();
      return undefined;
    });
    const { forwarder } = open(upstream);
    assert.equal(statusOf(await send(forwarder)), 503);
    await forwarder.close(0);
  });

  it("carries a call again that the upstream had not begun with", async () => {
    let refuse = true;
    const upstream = await openGrpcUpstream((_, stream) => {
      if (!refuse) return { code: 0 };
      refuse = false;
      stream.close(7);
      return undefined;
    });
    const { forwarder } = open(upstream);
    assert.equal(await send(forwarder), ACCEPTED);
    assert.equal(upstream.came.length, 2);
  });

  it("carries a call again that a GOAWAY leaves out while it waits for its turn", async () => {
    const answerNext = (_: unknown, stream: ServerHttp2Stream) => {
      if (upstream.came.length !== 2) return { code: 0 };
      // The socket stays open, and this call without an answer.
      stream.session?.goaway(0, 0);
      return undefined;
    };
    // One call at a time, of which the first answer tells.
    const upstream: Upstream = await openGrpcUpstream(answerNext, 0, 1);
    const { forwarder } = open(upstream);
    assert.equal(await send(forwarder), ACCEPTED);
    const held = send(forwarder);
    assert.equal(await send(forwarder), ACCEPTED);
    assert.equal(upstream.came.length, 3);
    await forwarder.close(0);
    assert.equal(statusOf(await held), 503);
  });

  it("carries a call again once that a GOAWAY with an error leaves out", async () => {
    let connections = 0;
    const settingsFrame = Buffer.of(0, 0, 0, 4, 0, 0, 0, 0, 0);
    const goaway = Buffer.of(0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
    const server = createServer((socket) => {
      connections += 1;
      socket.on("error", () => undefined);
      socket.write(settingsFrame);
      socket.once("data", () => socket.write(goaway));
    });
    const settings: ForwardSettings = {
      ...forwardDefaults,
      endpoint: `http://127.0.0.1:${await listen(server)}`,
      protocol: "grpc",
    };
    const { forwarder } = open({ came: [], settings, close: async () => void server.close() });
    assert.equal(statusOf(await send(forwarder)), 503);
    assert.equal(connections, 2);
  });

  it("takes a success whose message is cut off, compressed or no response as success, and counts it", async () => {
    const messages = [
      Buffer.of(0, 0, 0),
      Buffer.of(0, 0, 0, 0, 9, 1),
      Buffer.of(1, 0, 0, 0, 1, 7),
      Buffer.of(0, 0, 0, 0, 2, 0x0a, 0x7f),
      Buffer.of(0, 0, 0, 0, 0, 9),
    ];
    let next = Buffer.alloc(0);
    const upstream = await openGrpcUpstream((_, stream) => {
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.end(next);
      return undefined;
    });
    const { forwarder, facts } = open(upstream);
    for (next of messages) {
      assert.deepEqual(await send(forwarder), ACCEPTED);
    }
    assert.equal(facts.count(sidecarFacts.forwardUnread, { signal: "traces" }), messages.length);
    assert.equal(facts.count(sidecarFacts.forwarded), messages.length);
    next = Buffer.of(0, 0, 0, 0, 0);
    assert.equal(await send(forwarder), ACCEPTED);
    assert.equal(facts.count(sidecarFacts.forwardUnread), messages.length);
    assert.equal(upstream.came.length, messages.length + 1);
  });

  it("answers 503 when the upstream breaks a call off in the middle", async () => {
    const upstream = await openGrpcUpstream((_, stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.write(Buffer.from([0, 0, 0]));
      stream.close(2);
      return undefined;
    });
    const { forwarder } = open(upstream);
    assert.equal(statusOf(await send(forwarder)), 503);
  });
});

describe("configured headers", () => {
  it("that are illegal or not the user's to set are refused by name, never by value", () => {
    const refuse = (name: string, value: string): string => {
      const settings = {
        ...forwardDefaults,
        endpoint: "http://127.0.0.1:1",
        protocol: "grpc" as const,
        headers: [[name, new Secret(value)]] as const,
      };
      try {
        createForwarder(settings, { clock: systemClock, facts: recordFacts() });
      } catch (error) {
        return String(error);
      }
      return "taken";
    };
    assert.match(refuse("Content-Type", "x"), /content-type is set by the protocol/);
    assert.match(refuse("a b", "x"), /"a b" is no header name/);
    const said = refuse("authorization", "canary\nx: y");
    assert.match(said, /value of authorization/);
    assert.doesNotMatch(said, /canary/);
  });
});

describe("an HTTP upstream that redirects", () => {
  it("is reported with the setting that is wrong, and shown as failing", async () => {
    const { forwarder, facts } = open(await openHttpUpstream(() => ({ status: 302 })));
    assert.equal(statusOf(await send(forwarder)), 500);
    assert.equal(facts.count(sidecarFacts.forwardRefused, { kind: "permanent" }), 1);
    const { state, reason } = forwarder.state();
    assert.equal(state, "failing");
    assert.match(reason, /HTTP status 302.*otel\.endpoint/);
  });
});
