import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { describe, it } from "node:test";
import { sidecarFacts } from "../../src/facts.ts";
import { exchangeRaw } from "./doors.ts";
import { openDoor } from "./http-door.ts";

describe("what HTTP/1.1 has around a request, at the OTLP/HTTP door", () => {
  it("answers an expectation before the body is sent", async () => {
    const { port, came } = await openDoor({ maxRequestBytes: 1000 });
    const ask = (length: number) =>
      new Promise<string>((resolve, reject) => {
        const request = httpRequest({
          port,
          host: "127.0.0.1",
          method: "POST",
          path: "/v1/logs",
          headers: {
            "content-type": "application/x-protobuf",
            "content-length": length,
            expect: "100-continue",
          },
        });
        let continued = "";
        request.on("continue", () => {
          continued = "continued ";
          request.end(Buffer.alloc(length));
        });
        request.on("response", (response) => {
          response.resume();
          resolve(`${continued}${response.statusCode}`);
          request.destroy();
        });
        request.on("error", reject);
        request.flushHeaders();
      });
    assert.equal(await ask(500), "continued 200");
    assert.equal(await ask(5000), "413");
    assert.equal(came.length, 1);
  });

  it("answers an unknown expectation with 417 and ends the connection, without taking the body", async () => {
    const { port, came, ports } = await openDoor();
    const request = "POST /v1/logs HTTP/1.1\r\nhost: x\r\nexpect: foo\r\ncontent-length: 100000000\r\n\r\n";
    assert.match(await exchangeRaw(port, request), /^HTTP\/1\.1 417 .*connection: close/is);
    assert.equal(came.length, 0);
    assert.equal(ports.facts.count(sidecarFacts.refused, { reason: "expectation" }), 1);
  });

  it("answers 417 when something unknown is expected beside 100-continue, in one line or in two", async () => {
    const { port, came, ports } = await openDoor();
    const wrong = [
      "100-continue, foo",
      "foo, 100-continue",
      "100-continue\r\nexpect: foo",
      "foo\r\nexpect: 100-continue",
      "100-continue;a=b",
      "100-continue-or-not",
    ];
    for (const expectation of wrong) {
      const request = `POST /v1/logs HTTP/1.1\r\nhost: x\r\nexpect: ${expectation}\r\ncontent-length: 2\r\n\r\n{}`;
      assert.match(await exchangeRaw(port, request), /^HTTP\/1\.1 417 .*connection: close/is, expectation);
    }
    assert.equal(came.length, 0);
    assert.equal(ports.facts.count(sidecarFacts.refused, { reason: "expectation" }), wrong.length);
  });

  it("refuses two Host headers, a Host that is none, and two content types with 400, and ends the connection", async () => {
    const { port, came, ports } = await openDoor();
    const wrong = [
      "host: x\r\nhost: x",
      "host: x\r\nHost: y",
      "host: a b",
      "host: x, y",
      "host: x:port",
      "host: x:1:2",
      "host: user@x",
      "host: x/y",
      "host: [::1",
      "host: []",
      "host: %zz",
      "host: x\r\ncontent-type: application/x-protobuf",
      "host: x\r\nContent-Type: application/json",
    ];
    for (const lines of wrong) {
      const request = `POST /v1/logs HTTP/1.1\r\n${lines}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`;
      assert.match(await exchangeRaw(port, request), /^HTTP\/1\.1 400 .*connection: close/is, lines);
    }
    assert.equal(came.length, 0);
    assert.equal(ports.facts.count(sidecarFacts.refused, { reason: "header" }), wrong.length);
  });

  it("takes every form of a Host, and none in HTTP/1.0", async () => {
    const { port, came } = await openDoor();
    const hosts = [
      "",
      "x",
      "x:4318",
      "x:",
      "my_service.my-namespace.svc:4318",
      "127.0.0.1:4318",
      "[::1]:4318",
      "[fe80::1%25eth0]",
      "a%20b",
    ];
    const tail = "connection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    for (const host of hosts) {
      const answer = await exchangeRaw(port, `POST /v1/logs HTTP/1.1\r\nhost: ${host}\r\n${tail}`);
      assert.match(answer, /^HTTP\/1\.1 200 /, host);
    }
    assert.match(await exchangeRaw(port, `POST /v1/logs HTTP/1.0\r\n${tail}`), /^HTTP\/1\.1 200 /);
    assert.equal(came.length, hosts.length + 1);
  });

  it("refuses a request line with another protocol's version with 400", async () => {
    const { port, came } = await openDoor();
    const tail =
      "host: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    for (const protocol of ["HTTP/2.0", "HTTP/0.9", "HTTP/3.0", "FTP/1.1"]) {
      const answer = await exchangeRaw(port, `POST /v1/logs ${protocol}\r\n${tail}`);
      assert.match(answer, /^HTTP\/1\.1 400 /, `${protocol}: ${answer}`);
    }
    assert.equal(came.length, 0);
  });

  it("takes a target in absolute form, and reads its path", async () => {
    const { port, came } = await openDoor();
    const tail =
      "host: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    for (const [target, status] of [
      ["http://x:4318/v1/logs", 200],
      ["HTTPS://x/v1/traces?a=/b", 200],
      ["http://x/v1/logs/", 404],
      ["http://x", 404],
      ["ftp://x/v1/logs", 404],
    ] as const) {
      const answer = await exchangeRaw(port, `POST ${target} HTTP/1.1\r\n${tail}`);
      assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), `${target}: ${answer}`);
    }
    assert.deepEqual(
      came.map(({ signal }) => signal),
      ["logs", "traces"],
    );
  });

  it("refuses transfer codings other than chunked with 501, and takes that in any case", async () => {
    const { port, came } = await openDoor();
    const start =
      "POST /v1/logs HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n";
    const chunks = "2\r\n{}\r\n0\r\n\r\n";
    for (const coding of ["gzip, chunked", "chunked, chunked", "gzip\r\ntransfer-encoding: chunked"]) {
      const answer = await exchangeRaw(port, `${start}transfer-encoding: ${coding}\r\n\r\n${chunks}`);
      assert.match(answer, /^HTTP\/1\.1 (501|400) /, coding);
    }
    // Node's parser finds these when they were answered already.
    for (const coding of ["xchunked", "notchunked, xchunked"]) {
      const answer = await exchangeRaw(port, `${start}transfer-encoding: ${coding}\r\n\r\n${chunks}`);
      assert.match(answer, /^HTTP\/1\.1 501 .*"the only transfer coding known is chunked"/s, coding);
    }
    assert.equal(came.length, 0);
    assert.match(
      await exchangeRaw(port, `${start}transfer-encoding: Chunked\r\n\r\n${chunks}`),
      /^HTTP\/1\.1 200 /,
    );
  });
});
