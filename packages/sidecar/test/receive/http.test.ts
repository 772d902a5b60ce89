import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { Secret } from "@coresdk/pipeline";
import { sidecarFacts } from "../../src/facts.ts";
import { refuse } from "../../src/protocol/refusal.ts";
import { decodeStatus } from "../../src/protocol/rpc-status.ts";
import { InFlightBudget } from "../../src/receive/budget.ts";
import { exchangeRaw, ManualClock, recordRequests } from "./doors.ts";
import { body, openDoor, post } from "./http-door.ts";

describe("the OTLP/HTTP door", () => {
  it("hands each signal's bytes to the handler unchanged and answers an empty response", async () => {
    const { url, came } = await openDoor();
    for (const signal of ["logs", "traces", "metrics"] as const) {
      const response = await post(`${url}/v1/${signal}`, body);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "application/x-protobuf");
      assert.equal((await response.arrayBuffer()).byteLength, 0);
      const last = came.at(-1);
      assert.equal(last?.signal, signal);
      assert.equal(last?.encoding, "protobuf");
      assert.deepEqual(last?.message, body);
    }
  });

  it("takes media types in any case and with parameters, and answers JSON with JSON", async () => {
    const { url, came } = await openDoor();
    const json = await post(`${url}/v1/logs?x=1`, "{}", {
      "content-type": "Application/JSON; charset=utf-8",
    });
    assert.equal(json.headers.get("content-type"), "application/json");
    assert.equal(await json.text(), "{}");
    assert.equal(came.at(-1)?.encoding, "json");
    const protobuf = await post(`${url}/v1/logs`, body, { "content-type": "APPLICATION/X-PROTOBUF ;a=b" });
    assert.equal(protobuf.status, 200);
    assert.equal(came.at(-1)?.encoding, "protobuf");
  });

  it("decompresses gzip, small on the spot and large in parts, to the same bytes", async () => {
    const { url, came } = await openDoor();
    for (const size of [0, 100, 900_000, 5_000_000]) {
      const plain = Buffer.concat([randomBytes(size / 2), Buffer.alloc(size / 2, 7)]);
      const response = await post(`${url}/v1/traces`, gzipSync(plain), { "content-encoding": "GZIP" });
      assert.equal(response.status, 200);
      assert.deepEqual(came.at(-1)?.message, plain);
    }
  });

  it("puts a body sent in many small chunks together", async () => {
    const { port, came } = await openDoor();
    const parts = Array.from({ length: 500 }, (_, i) => Buffer.alloc(1 + (i % 3), i));
    const chunked = parts.map((part) =>
      Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]),
    );
    const head =
      "POST /v1/logs HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/x-protobuf\r\ntransfer-encoding: chunked\r\n\r\n";
    const answer = await exchangeRaw(port, head, ...chunked, "0\r\n\r\n");
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.deepEqual(came[0]?.message, Buffer.concat(parts));
  });

  it("refuses another path, method, media type and content encoding by its status", async () => {
    const { url, came } = await openDoor();
    assert.equal((await post(`${url}/v1/profiles`, body)).status, 404);
    const get = await fetch(`${url}/v1/logs`);
    assert.equal(get.status, 405);
    assert.equal(get.headers.get("allow"), "POST");
    assert.equal((await post(`${url}/v1/logs`, body, { "content-type": "text/plain" })).status, 415);
    const brotli = await post(`${url}/v1/logs`, body, { "content-encoding": "br" });
    assert.equal(brotli.status, 415);
    assert.equal(brotli.headers.get("accept-encoding"), "gzip");
    assert.equal(came.length, 0);
  });

  it("writes errors as google.rpc.Status in the request's encoding", async () => {
    const { url } = await openDoor();
    const protobuf = await post(`${url}/v1/nothing`, body);
    assert.equal(protobuf.headers.get("content-type"), "application/x-protobuf");
    const status = decodeStatus(new Uint8Array(await protobuf.arrayBuffer()));
    assert.equal(status?.code, 12);
    assert.match(status?.message ?? "", /\/v1\/logs/);
    const json = await post(`${url}/v1/nothing`, "{}", { "content-type": "application/json" });
    assert.equal(json.headers.get("content-type"), "application/json");
    assert.match(await json.text(), /^\{"code":12,"message":"no such path/);
  });

  it("answers damaged and cut off gzip with 400", async () => {
    const { url } = await openDoor();
    const whole = gzipSync(body);
    for (const bad of [Buffer.from("no gzip"), whole.subarray(0, whole.length - 9), Buffer.alloc(0)]) {
      assert.equal((await post(`${url}/v1/logs`, bad, { "content-encoding": "gzip" })).status, 400);
    }
    const large = gzipSync(randomBytes(200_000));
    large.fill(0xff, 100_000, 100_100);
    assert.equal((await post(`${url}/v1/logs`, large, { "content-encoding": "gzip" })).status, 400);
  });

  it("turns a gzip bomb away with 413 and holds none of it", async () => {
    const { url, ports } = await openDoor({ maxRequestBytes: 2_000_000 });
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    const response = await post(`${url}/v1/logs`, bomb, { "content-encoding": "gzip" });
    assert.equal(response.status, 413);
    const small = gzipSync(Buffer.alloc(2_000_001));
    assert.equal((await post(`${url}/v1/logs`, small, { "content-encoding": "gzip" })).status, 413);
    assert.equal(ports.budget.heldBytes, 0);
  });

  it("lets a client that sends everything before it reads see its 413", async () => {
    const { port } = await openDoor({ maxRequestBytes: 1000 });
    const length = 3_000_000;
    const head = `POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
    const answer = await exchangeRaw(port, head, Buffer.alloc(length));
    assert.match(answer, /^HTTP\/1\.1 413 /);
    assert.match(answer, /connection: close/i);
    assert.match(answer, /"code":8/);
  });

  it("lets a client that goes on sending without end see its 413, then closes", async () => {
    const { port } = await openDoor({
      maxRequestBytes: 1000,
      maxDiscardBytes: 200_000,
      discardTimeoutMs: 100,
    });
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(
      "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    const chunk = `1000\r\n${"x".repeat(0x1000)}\r\n`;
    const send = (): void => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on("drain", send);
    send();
    const first = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    assert.match(first.toString(), /^HTTP\/1\.1 413 /);
    await new Promise((resolve) => socket.once("close", resolve));
  });

  it("keeps the connection after refusing a small request", async () => {
    const { port } = await openDoor();
    const bad =
      "POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    const good =
      "POST /v1/logs HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    const answer = await exchangeRaw(port, bad, good);
    assert.match(answer, /^HTTP\/1\.1 404 .*HTTP\/1\.1 200 /s);
  });

  it("refuses what is over the budget of both doors with 503 and Retry-After", async () => {
    const budget = new InFlightBudget(10_000);
    const { url, ports } = await openDoor({}, recordRequests(), { budget });
    assert.ok(budget.take(8000));
    const response = await post(`${url}/v1/logs`, body);
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "1");
    const zipped = await post(`${url}/v1/logs`, gzipSync(Buffer.alloc(5000)), { "content-encoding": "gzip" });
    assert.equal(zipped.status, 503);
    budget.give(8000);
    assert.equal((await post(`${url}/v1/logs`, body)).status, 200);
    assert.equal(budget.heldBytes, 0);
    assert.equal(ports.facts.count(sidecarFacts.refused, { reason: "no_budget" }), 2);
  });

  it("refuses for good what is larger than the whole budget", async () => {
    const { url } = await openDoor({}, recordRequests(), { budget: new InFlightBudget(1000) });
    assert.equal((await post(`${url}/v1/logs`, body)).status, 413);
  });

  it("gives back the budget of a client that goes away in the middle of a request", async () => {
    const { port, ports } = await openDoor();
    const socket = connect(port, "127.0.0.1");
    socket.write(
      "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n0123456789",
    );
    while (ports.budget.heldBytes === 0) await new Promise(setImmediate);
    socket.destroy();
    while (ports.budget.heldBytes > 0) await new Promise(setImmediate);
  });

  it("lets in who has the bearer token, and nobody else", async () => {
    const { url, came } = await openDoor({ bearerToken: new Secret("s3cret") });
    for (const authorization of ["", "Bearer", "Bearer s3cre", "Bearer s3cret2", "Basic s3cret", "s3cret"]) {
      const response = await post(`${url}/v1/logs`, body, authorization === "" ? {} : { authorization });
      assert.equal(response.status, 401, authorization);
      assert.equal(response.headers.get("www-authenticate"), "Bearer");
    }
    assert.equal(came.length, 0);
    assert.equal((await post(`${url}/v1/logs`, body, { authorization: "bearer s3cret" })).status, 200);
  });

  it("refuses a request with two Authorization headers, whichever of them is right", async () => {
    const { port, came } = await openDoor({ bearerToken: new Secret("s3cret") });
    const right = "Authorization: Bearer s3cret\r\n";
    for (const lines of [
      `${right}authorization: Bearer x\r\n`,
      `authorization: x\r\n${right}`,
      right + right,
    ]) {
      // An end that is asked for, so that one that is let in fails the test and does not hold it up.
      const request = `POST /v1/logs HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n${lines}content-length: 2\r\n\r\n{}`;
      assert.match(await exchangeRaw(port, request), /^HTTP\/1\.1 401 /);
    }
    assert.equal(came.length, 0);
  });

  it("gives the handler's refusal on: status, Retry-After rounded up, message", async () => {
    const answers = recordRequests(() => refuse(429, 14, "slow down", { retryAfterMs: 1200 }));
    const { url } = await openDoor({}, answers);
    const response = await post(`${url}/v1/logs`, "{}", { "content-type": "application/json" });
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("retry-after"), "2");
    assert.equal(await response.text(), '{"code":14,"message":"slow down"}');
  });

  it("answers 500 without a word of the failure when the handler fails", async () => {
    const { url, ports } = await openDoor(
      {},
      recordRequests(() => {
        throw new Error("the canary 7f3a");
      }),
    );
    const response = await post(`${url}/v1/logs`, "{}", { "content-type": "application/json" });
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /canary/);
    assert.equal(ports.facts.count(sidecarFacts.handlerFailed), 1);
  });

  it("answers browsers of allowed origins, preflights included", async () => {
    const cors = {
      allowedOrigins: ["https://*.acme.com"],
      allowedHeaders: ["x-tenant"],
      maxAgeSeconds: 60,
    };
    const { url } = await openDoor({ cors });
    const preflight = await fetch(`${url}/v1/traces`, {
      method: "OPTIONS",
      headers: { origin: "https://shop.acme.com", "access-control-request-method": "POST" },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-origin"), "https://shop.acme.com");
    assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /content-type.*x-tenant/);
    assert.equal(preflight.headers.get("access-control-max-age"), "60");
    const sent = await post(`${url}/v1/traces`, body, { origin: "https://shop.acme.com" });
    assert.equal(sent.headers.get("access-control-allow-origin"), "https://shop.acme.com");
    for (const origin of ["https://acme.com.evil.example", "https://evil.example", "null"]) {
      const other = await post(`${url}/v1/traces`, body, { origin });
      assert.equal(other.headers.get("access-control-allow-origin"), null);
    }
  });

  it("cuts clients that send their header or body too slowly, with 408", async () => {
    const { port, ports } = await openDoor({ headersTimeoutMs: 80, requestTimeoutMs: 160 });
    assert.match(await exchangeRaw(port, "POST /v1/logs HTTP/1.1\r\nhost: x\r\n"), /^HTTP\/1\.1 408 /);
    const slowBody =
      "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    assert.match(await exchangeRaw(port, slowBody), /^HTTP\/1\.1 408 /);
    while (ports.budget.heldBytes > 0) await new Promise(setImmediate);
  });

  it("answers a header beyond the limit with 431", async () => {
    const { port } = await openDoor({ maxHeaderBytes: 2000 });
    const answer = await exchangeRaw(port, `GET / HTTP/1.1\r\nhost: x\r\na: ${"b".repeat(4000)}\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 431 /);
  });

  it("lets requests under way finish and refuses new ones when it is shutting down", async () => {
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { receiver, port, ports, came } = await openDoor(
      {},
      recordRequests(async () => {
        await held;
        return { kind: "accepted", response: undefined };
      }),
    );
    const request =
      "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    socket.write(request);
    while (came.length === 0) await new Promise(setImmediate);
    receiver.stopAccepting();
    const settled = receiver.settle(60_000);
    socket.write(request);
    finish();
    await settled;
    while (ports.facts.count(sidecarFacts.refused, { reason: "closing" }) === 0) {
      await new Promise(setImmediate);
    }
    const ended = once(socket, "close");
    await receiver.close(60_000);
    await ended;
    assert.match(text, /^HTTP\/1\.1 200 .*HTTP\/1\.1 503 /s);
    assert.equal(came.length, 1);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/v1/logs`));
  });

  it("ends what is still under way at the deadline of closing", async () => {
    const clock = new ManualClock();
    const endless = recordRequests(() => new Promise(() => undefined));
    const { receiver, port, came } = await openDoor({}, endless, { clock });
    const request =
      "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    const ended = exchangeRaw(port, request);
    while (came.length === 0) await new Promise(setImmediate);
    const closed = receiver.close(5000);
    clock.advance(5000);
    await closed;
    assert.equal(await ended, "");
  });

  it("says where it cannot listen", async () => {
    const { port } = await openDoor();
    await assert.rejects(openDoor({ port }), { message: new RegExp(`cannot listen on 127.0.0.1:${port}`) });
  });
});
