/** An upstream that sends informational responses (1xx) and never its answer, or an answer after a few. */
import assert from "node:assert/strict";
import { createServer as createHttp2Server } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { systemClock } from "@coresdk/pipeline";
import { listen } from "../../../../testing/listen.ts";
import type { ExportAnswer, UpstreamState } from "../../src/contracts.ts";
import { createForwarder } from "../../src/forward/forwarder.ts";
import { forwardDefaults } from "../../src/forward/settings.ts";
import { recordFacts } from "../receive/doors.ts";

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const EMPTY_OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/** An upstream over each protocol that sends so many hints and then its answer. */
const upstreams = {
  "http/protobuf": (hints: number): Server =>
    createServer((socket: Socket) => {
      let sent = 0;
      const pour = (): void => {
        while (sent < hints && !socket.destroyed) {
          sent += 1;
          if (!socket.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")) return;
        }
        if (sent === hints) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      };
      socket.on("error", () => undefined);
      socket.on("drain", pour);
      socket.once("data", pour);
    }),
  grpc: (hints: number): Server => {
    const server = createHttp2Server();
    server.on("stream", (stream) => {
      stream.on("error", () => undefined);
      let sent = 0;
      const pour = (): void => {
        for (let i = 0; i < 50 && sent < hints && !stream.closed; i++, sent++) {
          stream.additionalHeaders({ ":status": 103, link: "</a>" });
        }
        if (stream.closed) return;
        if (sent < hints) setImmediate(pour);
        else {
          const headers = { ":status": 200, "content-type": "application/grpc", "grpc-status": "0" };
          stream.respond(headers, { endStream: true });
        }
      };
      pour();
    });
    return server;
  },
} as const;

for (const protocol of ["http/protobuf", "grpc"] as const) {
  async function forward(hints: number): Promise<{ answer: ExportAnswer; state: UpstreamState }> {
    const server = upstreams[protocol](hints);
    const endpoint = `http://127.0.0.1:${await listen(server)}`;
    const forwarder = createForwarder(
      { ...forwardDefaults, endpoint, protocol, timeoutMs: 600_000 },
      { clock: systemClock, facts: recordFacts() },
    );
    const answer = await forwarder.forward("traces", Buffer.of(0x0a, 0x00), "protobuf");
    const state = forwarder.state();
    await forwarder.close(0);
    server.close();
    return { answer, state };
  }

  test(`informational responses without end from an upstream over ${protocol} are cut off`, async () => {
    const { answer, state } = await forward(Number.POSITIVE_INFINITY);
    assert.ok(answer.kind === "refused" && answer.httpStatus === 503);
    assert.deepEqual(state, { state: "failing", reason: "informational responses (1xx) without end" });
  });

  test(`a few informational responses before the answer of an upstream over ${protocol} are passed over`, async () => {
    const { answer } = await forward(3);
    assert.equal(answer.kind, "accepted");
  });
}

/** An upstream that answers each request with these bytes, in pieces of that length; how many connections it saw. */
async function forwardTo(
  bytes: string,
  piece: number,
  times: number,
): Promise<{ answers: ExportAnswer[]; state: UpstreamState; connections: number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined).setNoDelay(true);
    let request = "";
    socket.on("data", async (chunk) => {
      request += chunk.toString("latin1");
      if (!request.endsWith("\r\n\r\n\n\0")) return;
      request = "";
      for (let i = 0; i < bytes.length; i += piece) {
        await new Promise((sent) => socket.write(bytes.slice(i, i + piece), "latin1", sent));
      }
    });
  });
  const endpoint = `http://127.0.0.1:${await listen(server)}`;
  const forwarder = createForwarder(
    { ...forwardDefaults, endpoint, protocol: "http/protobuf", timeoutMs: 600_000 },
    { clock: systemClock, facts: recordFacts() },
  );
  const answers: ExportAnswer[] = [];
  for (let i = 0; i < times; i++) {
    answers.push(await forwarder.forward("traces", Buffer.of(0x0a, 0x00), "protobuf"));
  }
  const state = forwarder.state();
  await forwarder.close(0);
  server.close();
  return { answers, state, connections };
}

for (const [title, bytes] of [
  ["a 100 Continue", CONTINUE + EMPTY_OK],
  ["several", CONTINUE.repeat(8) + EMPTY_OK],
  ["a 103 and a 100", `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${CONTINUE}${EMPTY_OK}`],
  ["a 102 and a 199", `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 x\r\n\r\n${EMPTY_OK}`],
  ["a 100 after an empty line", `\r\n${CONTINUE}${EMPTY_OK}`],
] as const) {
  test(`${title} that nobody asked an upstream for is passed over, in whatever pieces it comes`, async () => {
    for (const piece of [bytes.length, 1, 5]) {
      const { answers, connections } = await forwardTo(bytes, piece, 4);
      assert.deepEqual(
        answers.map(({ kind }) => kind),
        ["accepted", "accepted", "accepted", "accepted"],
      );
      // The next request may come before the answer has left its connection; none of them is broken off.
      assert.ok(connections <= 2, `${connections} connections`);
    }
  });
}

test("100 Continue without end from an upstream is cut off", async () => {
  const { answers, state } = await forwardTo(CONTINUE.repeat(17) + EMPTY_OK, 10_000, 1);
  const [answer] = answers;
  assert.ok(answer?.kind === "refused" && answer.httpStatus === 503);
  assert.deepEqual(state, { state: "failing", reason: "informational responses (1xx) without end" });
});

test("an upstream that would speak another protocol, which nobody asked for, is no upstream", async () => {
  const upgrade = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
  const { answers } = await forwardTo(upgrade + EMPTY_OK, 10_000, 2);
  for (const answer of answers) assert.ok(answer.kind === "refused" && answer.httpStatus === 503);
});
