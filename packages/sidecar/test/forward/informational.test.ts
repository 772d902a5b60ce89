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
