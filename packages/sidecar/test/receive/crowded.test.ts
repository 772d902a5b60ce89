/** Clients that try to keep the others out: by connections, by requests in a row, by bytes, without a token. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, describe, it } from "node:test";
import { Secret } from "@coresdk/pipeline";
import { ACCEPTED, type ExportAnswer, type Receiver } from "../../src/contracts.ts";
import { sidecarFacts } from "../../src/facts.ts";
import { InFlightBudget } from "../../src/receive/budget.ts";
import { startGrpcReceiver } from "../../src/receive/grpc/start.ts";
import { UNSEEN_INTERVAL_MS } from "../../src/receive/grpc/unseen-calls.ts";
import { startHttpReceiver } from "../../src/receive/http/start.ts";
import { PACE_BYTES, PACE_INTERVAL_MS } from "../../src/receive/pace.ts";
import {
  type GrpcReceiverSettings,
  grpcReceiverDefaults,
  type HttpReceiverSettings,
  httpReceiverDefaults,
} from "../../src/receive/settings.ts";
import {
  callGrpc,
  callOn,
  createPorts,
  exchangeRaw,
  frame,
  grpcPaths,
  ManualClock,
  openSession,
  type RecordingHandler,
  recordRequests,
} from "./doors.ts";
import { head } from "./http1-corpus.ts";
import { END_HEADERS, END_STREAM, h2Frame, headersFrame, preface, settingsFrame } from "./http2-frames.ts";

const HEALTH = "/grpc.health.v1.Health/Check";
const open: Receiver[] = [];
const sockets: Socket[] = [];
after(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(open.map((receiver) => receiver.close(0)));
});

interface Opening {
  readonly recording?: RecordingHandler;
  readonly budget?: InFlightBudget;
}

function prepare({ recording = recordRequests(), budget = new InFlightBudget(10_000_000) }: Opening) {
  const clock = new ManualClock();
  return { clock, recording, ports: createPorts({ clock, budget }) };
}

async function openHttp(settings: Partial<HttpReceiverSettings> = {}, opening: Opening = {}) {
  const { clock, recording, ports } = prepare(opening);
  const all = { ...httpReceiverDefaults, port: 0, ...settings };
  const receiver = await startHttpReceiver(all, recording.handler, ports);
  open.push(receiver);
  return { receiver, port: receiver.address.port, ports, clock, came: recording.came };
}

async function openGrpc(settings: Partial<GrpcReceiverSettings> = {}, opening: Opening = {}) {
  const { clock, recording, ports } = prepare(opening);
  const all = { ...grpcReceiverDefaults, port: 0, ...settings };
  const receiver = await startGrpcReceiver(all, recording.handler, ports);
  open.push(receiver);
  return { receiver, port: receiver.address.port, ports, clock, came: recording.came };
}

interface Client {
  readonly socket: Socket;
  /** What has come back. */
  text(): string;
  /** Ends when it was closed from the other side. */
  readonly closed: Promise<unknown>;
}

/** Connects, sends, and takes what comes back. */
async function send(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<Client> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await once(socket, "connect");
  for (const part of parts) socket.write(part);
  return { socket, closed, text: () => Buffer.concat(chunks).toString("latin1") };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turn();
}

/** Answers nothing until it is told to. */
function holdRequests() {
  const released = Promise.withResolvers<ExportAnswer>();
  return {
    recording: recordRequests(() => released.promise),
    release: (): void => released.resolve(ACCEPTED),
  };
}

const request = `${head}content-length: 2\r\n\r\n{}`;
const lastRequest = request.replace("host: x", "host: x\r\nconnection: close");
const token = { bearerToken: new Secret("s3cret") };
const withToken = (text: string): string =>
  text.replace("host: x", "host: x\r\nauthorization: Bearer s3cret");
const halfRequest = `${head}content-length: 100000\r\n\r\n{`;
const message = frame(Buffer.of(1));
const authorization = { authorization: "Bearer s3cret" };
const begin = Buffer.concat([preface, settingsFrame]);

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
    await until(() => ports.budget.requests === 0);
    release();
    assert.match(await exchangeRaw(port, lastRequest), /^HTTP\/1\.1 200 /);
    assert.equal(came.length, 2);
    assert.equal(ports.budget.heldBytes, 0);
  });
});

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
