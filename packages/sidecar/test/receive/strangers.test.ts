/** Clients that have not shown the token, and headers that no handler sees. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { sidecarFacts } from "../../src/facts.ts";
import { UNSEEN_INTERVAL_MS } from "../../src/receive/grpc/unseen-calls.ts";
import {
  authorization,
  begin,
  HEALTH,
  halfRequest,
  lastRequest,
  message,
  openGrpc,
  openHttp,
  request,
  send,
  token,
  until,
  withToken,
} from "./crowded-doors.ts";
import { callGrpc, callOn, exchangeRaw, grpcPaths, openSession } from "./doors.ts";
import { END_HEADERS, END_STREAM, h2Frame, headersFrame } from "./http2-frames.ts";

describe("clients without the token", () => {
  it("are told so and lose their connection soon, however much they have still to send", async () => {
    const { port, clock } = await openHttp(token);
    for (const text of [request, lastRequest, halfRequest]) {
      const client = await send(port, text);
      await until(() => client.text().includes("the bearer token is missing or wrong"));
      clock.advance(500);
      await client.closed;
      assert.match(client.text(), /^HTTP\/1\.1 401 .*connection: close/is);
    }
  });

  it("do not get past the token, the limits and the counters by expecting something", async () => {
    const { port, ports } = await openHttp(token);
    for (const expectation of ["foo", "100-continue", "100-continue-or-not"]) {
      const expecting = halfRequest.replace("host: x", `host: x\r\nexpect: ${expectation}`);
      const answer = await exchangeRaw(port, expecting.repeat(20));
      assert.match(answer, /^HTTP\/1\.1 401 .*connection: close/is);
      assert.equal(answer.split("HTTP/1.1 ").length, 2);
    }
    assert.equal(ports.facts.count(sidecarFacts.refused, { reason: "token" }), 3);
  });

  it("keep no connection by asking what is allowed, and who has it does", async () => {
    const cors = { allowedOrigins: ["https://a.example"], allowedHeaders: [], maxAgeSeconds: 60 };
    const { port } = await openHttp({ ...token, cors });
    const preflight = "OPTIONS /v1/logs HTTP/1.1\r\nhost: x\r\norigin: https://a.example\r\n\r\n";
    const answer = await exchangeRaw(port, preflight.repeat(5));
    assert.match(answer, /^HTTP\/1\.1 204 .*connection: close/is);
    assert.equal(answer.split("HTTP/1.1 ").length, 2);
    const allowed = await exchangeRaw(port, withToken(request), preflight, withToken(lastRequest));
    assert.deepEqual(
      [...allowed.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
      ["200", "204", "200"],
    );
  });

  it("keep nobody out of the HTTP door", async () => {
    const { port, receiver } = await openHttp({ ...token, maxConnections: 2 });
    const working = await send(port, withToken(request));
    await until(() => working.text().includes(" 200 "));
    const strangers = await Promise.all(Array.from({ length: 100 }, () => send(port, halfRequest)));
    assert.equal(receiver.full(), false);
    assert.match(await exchangeRaw(port, withToken(lastRequest)), /^HTTP\/1\.1 200 /);
    // Nor do they push out one that was let in before.
    working.socket.write(withToken(lastRequest));
    await working.closed;
    assert.equal(working.text().split(" 200 ").length, 3);
    for (const { socket } of strangers) socket.destroy();
  });

  it("keep nobody out of the gRPC door, with health checks that never end either", async () => {
    const { port, receiver } = await openGrpc({ ...token, maxConnections: 2 });
    const working = await openSession(port);
    assert.equal((await callOn(working, grpcPaths.logs, message, authorization)).status, "0");
    const check = [begin, headersFrame(1, END_HEADERS, [], HEALTH)];
    const strangers = await Promise.all(Array.from({ length: 100 }, () => send(port, ...check)));
    assert.equal(receiver.full(), false);
    assert.equal((await callGrpc(port, grpcPaths.logs, message, authorization)).status, "0");
    assert.equal((await callOn(working, grpcPaths.logs, message, authorization)).status, "0");
    working.close();
    for (const { socket } of strangers) socket.destroy();
  });

  it("have their gRPC connection ended after the refusal, by GOAWAY and then at once", async () => {
    const { port, clock } = await openGrpc(token);
    const session = await openSession(port);
    const goaway = once(session, "goaway");
    assert.equal((await callOn(session, grpcPaths.logs, message)).status, "16");
    await goaway;
    const call = Buffer.concat([begin, headersFrame(1, END_HEADERS)]);
    const { closed } = await send(port, call);
    await until(() => clock.scheduled > 2);
    clock.advance(500);
    await closed;
  });

  it("cannot ask about health without end on one connection", async () => {
    const { port, ports, clock } = await openGrpc(token);
    const check = (stream: number): Buffer => headersFrame(stream, END_HEADERS, [], HEALTH);
    const many = Array.from({ length: 40 }, (_, i) => check(2 * i + 1));
    await (await send(port, begin, ...many)).closed;
    assert.equal(ports.facts.count(sidecarFacts.malformed), 1);
    const session = await openSession(port);
    const slow = session.request({
      ":method": "POST",
      ":path": HEALTH,
      "content-type": "application/grpc",
    });
    slow.write(Buffer.of(0));
    await until(() => ports.budget.heldBytes > 0);
    clock.advance(5_000);
    const [headers] = await once(slow, "response");
    assert.equal(headers["grpc-status"], "4");
    session.destroy();
  });
});

it("gRPC headers beyond the limit are reset and the connection is ended, although its settings were never acknowledged", async () => {
  const { port, ports, came } = await openGrpc({ maxHeaderBytes: 2_000 });
  const lines = Array.from({ length: 20 }, (_, i): [string, string] => [`x-${i}`, "a".repeat(100)]);
  const call = (stream: number): Buffer =>
    Buffer.concat([headersFrame(stream, END_HEADERS, lines), h2Frame(0, END_STREAM, stream, message)]);
  const { closed } = await send(port, begin, ...[1, 3, 5, 7, 9].map(call));
  await closed;
  assert.equal(came.length, 0);
  assert.ok(ports.facts.count(sidecarFacts.malformed) >= 3);
  const fewer = headersFrame(1, END_HEADERS, lines.slice(0, 5));
  const { socket } = await send(port, begin, fewer, h2Frame(0, END_STREAM, 1, message));
  await until(() => came.length === 1);
  socket.destroy();
});

describe("gRPC headers that Node itself resets", () => {
  const nothing = (length: number): Buffer => Buffer.alloc(length, 0xbe);
  const endings = END_HEADERS | END_STREAM;
  /** Its last header goes into the table of the connection, where one byte stands for it from now on. */
  const remember = (stream: number): Buffer => {
    const call = headersFrame(stream, endings, [], HEALTH);
    const value = Buffer.concat([Buffer.of(0x40, 1, 0x78, 100), Buffer.alloc(100, 0x76)]);
    return h2Frame(1, endings, stream, Buffer.concat([call.subarray(9), value]));
  };
  const amplified = (stream: number): Buffer => {
    const call = headersFrame(stream, endings, [], HEALTH);
    return h2Frame(1, endings, stream, Buffer.concat([call.subarray(9), nothing(8_000)]));
  };

  it("end the connection, although Node says nothing of them", async () => {
    const { port, ports, clock } = await openGrpc(token);
    const client = await send(port, begin, remember(1), ...[3, 5, 7, 9, 11].map(amplified));
    const resets = Buffer.of(0, 0, 4, 3, 0, 0, 0, 0, 11).toString("latin1");
    await until(() => client.text().includes(resets));
    clock.advance(UNSEEN_INTERVAL_MS);
    await client.closed;
    assert.equal(ports.facts.count(sidecarFacts.malformed), 1);
  });

  it("end it too where calls were let in before, once they are many", async () => {
    const { port, clock } = await openGrpc();
    const calls = Array.from({ length: 120 }, (_, i) => amplified(2 * i + 5));
    const good = Buffer.concat([headersFrame(3, END_HEADERS), h2Frame(0, END_STREAM, 3, message)]);
    const client = await send(port, begin, remember(1), good, ...calls);
    const last = Buffer.of(0, 0, 4, 3, 0, 0, 0, 0, 2 * 119 + 5).toString("latin1");
    await until(() => client.text().includes(last));
    clock.advance(UNSEEN_INTERVAL_MS);
    await client.closed;
  });

  it("are not mistaken for numbers that a client left out", async () => {
    const { port, clock, came } = await openGrpc();
    const call = (stream: number): Buffer =>
      Buffer.concat([headersFrame(stream, END_HEADERS), h2Frame(0, END_STREAM, stream, message)]);
    const { socket } = await send(port, begin, call(3), call(151));
    await until(() => came.length === 2);
    clock.advance(UNSEEN_INTERVAL_MS);
    socket.write(call(153));
    await until(() => came.length === 3);
    socket.destroy();
  });

  it("count when they come as trailers", async () => {
    const { port, ports } = await openGrpc();
    const call = (stream: number): Buffer =>
      Buffer.concat([headersFrame(stream, END_HEADERS), h2Frame(1, endings, stream, nothing(8_000))]);
    await (await send(port, begin, remember(1), ...[3, 5, 7].map(call))).closed;
    assert.equal(ports.facts.count(sidecarFacts.malformed), 3);
  });
});
