/** Clients that try to keep the others out: by connections, by requests in a row, by bytes, without a token. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { ACCEPTED } from "../../src/contracts.ts";
import { sidecarFacts } from "../../src/facts.ts";
import { InFlightBudget } from "../../src/receive/budget.ts";
import { PACE_BYTES, PACE_INTERVAL_MS } from "../../src/receive/pace.ts";
import {
  halfRequest,
  holdRequests,
  lastRequest,
  message,
  openGrpc,
  openHttp,
  request,
  send,
  turn,
  until,
} from "./crowded-doors.ts";
import { callGrpc, callOn, exchangeRaw, frame, grpcPaths, openSession, recordRequests } from "./doors.ts";
import { head } from "./http1-corpus.ts";

describe("requests in a row on one HTTP connection", () => {
  it("are served one after the other, and answered in their order", async () => {
    let underWay = 0;
    let most = 0;
    const recording = recordRequests(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await turn();
      underWay -= 1;
      return ACCEPTED;
    });
    const { port, came } = await openHttp({}, { recording });
    const bodies = ["[1]", "[2]", "[3]", "[4]", "[5]"];
    const requests = bodies.map((body) => `${head}content-length: 3\r\n\r\n${body}`);
    const { socket, text } = await send(port, requests.join(""));
    await until(() => text().split("HTTP/1.1 200 ").length === 6);
    assert.equal(most, 1);
    assert.deepEqual(
      came.map((it) => it.message.toString()),
      bodies,
    );
    socket.destroy();
  });

  it("end the connection when there are many and none is answered, and others are served", async () => {
    const { recording, release } = holdRequests();
    const { port, ports, came } = await openHttp({}, { recording });
    const floods = await Promise.all(Array.from({ length: 10 }, () => send(port, request.repeat(200))));
    await Promise.all(floods.map(({ closed }) => closed));
    assert.ok(came.length <= 10, `${came.length}`);
    assert.equal(ports.facts.count(sidecarFacts.malformed), 10);
    const before = came.length;
    const honest = exchangeRaw(port, lastRequest);
    await until(() => came.length > before);
    release();
    assert.match(await honest, /^HTTP\/1\.1 200 /);
    await until(() => ports.budget.requests === 0);
  });

  it("are not served any more when their client has gone", async () => {
    const { recording, release } = holdRequests();
    const { port, ports, came } = await openHttp({}, { recording });
    const { socket } = await send(port, request, `${head}content-length: 9\r\n\r\n{`);
    await until(() => came.length === 1);
    socket.destroy();
    release();
    await until(() => ports.budget.requests === 0);
    assert.match(await exchangeRaw(port, lastRequest), /^HTTP\/1\.1 200 /);
    assert.equal(came.length, 2);
    assert.equal(ports.budget.heldBytes, 0);
  });
});

describe("a crowded door without a token", () => {
  it("gives the place of a request that has been coming for long to one that is there", async () => {
    const { port, receiver, clock, ports } = await openHttp({ maxConnections: 2 });
    const slow = [await send(port, halfRequest), await send(port, halfRequest)];
    await until(() => ports.budget.heldBytes === 2);
    assert.equal(receiver.full(), true);
    assert.match(await exchangeRaw(port, request), /^HTTP\/1\.1 503 /);
    clock.advance(1_000);
    assert.equal(receiver.full(), false);
    assert.match(await exchangeRaw(port, lastRequest), /^HTTP\/1\.1 200 /);
    await slow[0]?.closed;
    assert.equal(slow[1]?.socket.readyState, "open");
  });

  it("leaves every connection room for calls, however many another has under way", async () => {
    const { recording, release } = holdRequests();
    const budget = new InFlightBudget(10_000_000, 16);
    const { port, came } = await openGrpc({}, { recording, budget });
    const greedy = await openSession(port);
    const calls = Array.from({ length: 20 }, () => callOn(greedy, grpcPaths.logs, message));
    await until(() => came.length > 0);
    const honest = callGrpc(port, grpcPaths.logs, message);
    await until(() => came.length === budget.requests && budget.requests > 5);
    release();
    assert.equal((await honest).status, "0");
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    assert.deepEqual([...new Set(statuses)].sort(), ["0", "14"]);
    assert.ok(statuses.filter((status) => status === "0").length < 16);
    await until(() => budget.requests === 0);
    greedy.close();
  });
});

describe("the bytes in flight", () => {
  it("go from the connection that holds most of them to one that needs few", async () => {
    const budget = new InFlightBudget(10_000);
    const { port } = await openHttp({}, { budget });
    const greedy = await send(port, `${head}content-length: 10000\r\n\r\n${"x".repeat(9_999)}`);
    await until(() => budget.heldBytes === 9_999);
    assert.equal(budget.full, false);
    assert.match(await exchangeRaw(port, lastRequest), /^HTTP\/1\.1 200 /);
    await until(() => greedy.text().includes("HTTP/1.1 503 "));
    assert.equal(budget.heldBytes, 0);
  });

  it("go from a call that holds most of them likewise", async () => {
    const budget = new InFlightBudget(10_000);
    const { port } = await openGrpc({}, { budget });
    const greedy = await openSession(port);
    const stream = greedy.request({
      ":method": "POST",
      ":path": grpcPaths.logs,
      "content-type": "application/grpc",
    });
    stream.write(frame(Buffer.alloc(10_000)).subarray(0, 9_999));
    await until(() => budget.heldBytes === 9_999);
    const answered = once(stream, "response");
    assert.equal((await callGrpc(port, grpcPaths.logs, message)).status, "0");
    assert.equal((await answered)[0]["grpc-status"], "14");
    greedy.destroy();
  });

  it("stay with a request that has come whole, and the doors say that they are full", async () => {
    const budget = new InFlightBudget(10_000);
    const { recording, release } = holdRequests();
    const { port, came } = await openHttp({}, { budget, recording });
    const large = exchangeRaw(
      port,
      `${lastRequest.replace("length: 2", "length: 9999").slice(0, -2)}${"x".repeat(9_999)}`,
    );
    await until(() => came.length === 1);
    assert.equal(budget.full, true);
    assert.match(await exchangeRaw(port, lastRequest), /^HTTP\/1\.1 503 .*retry-after/is);
    release();
    assert.match(await large, /^HTTP\/1\.1 200 /);
    assert.equal(budget.full, false);
  });
});

describe("a body that stands still", () => {
  it("is cut at the HTTP door, and one that goes on is not", async () => {
    const { port, ports, clock, came } = await openHttp();
    const still = await send(port, halfRequest);
    const moving = await send(port, `${head}content-length: ${2 * PACE_BYTES}\r\n\r\n`);
    moving.socket.write("x");
    await until(() => ports.budget.heldBytes === 2);
    clock.advance(PACE_INTERVAL_MS);
    moving.socket.write("x".repeat(PACE_BYTES));
    await until(() => ports.budget.heldBytes === PACE_BYTES + 2);
    clock.advance(PACE_INTERVAL_MS);
    await until(() => still.text().includes("HTTP/1.1 408 "));
    clock.advance(500);
    await still.closed;
    moving.socket.write("x".repeat(PACE_BYTES - 1));
    await until(() => moving.text().includes("HTTP/1.1 200 "));
    assert.equal(came.length, 1);
    assert.equal(ports.facts.count(sidecarFacts.refused, { reason: "late" }), 1);
  });

  it("is cut at the gRPC door", async () => {
    const { port, ports, clock } = await openGrpc();
    const session = await openSession(port);
    const stream = session.request({
      ":method": "POST",
      ":path": grpcPaths.logs,
      "content-type": "application/grpc",
    });
    stream.write(frame(Buffer.alloc(100)).subarray(0, 50));
    await until(() => ports.budget.heldBytes === 50);
    clock.advance(PACE_INTERVAL_MS);
    clock.advance(PACE_INTERVAL_MS);
    const [headers] = await once(stream, "response");
    assert.equal(headers["grpc-status"], "4");
    assert.equal(ports.budget.heldBytes, 0);
    session.destroy();
  });
});
