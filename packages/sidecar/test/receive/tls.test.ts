import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { request as requestHttps } from "node:https";
import { after, describe, it } from "node:test";
import type { ConnectionOptions } from "node:tls";
import { Secret } from "@coresdk/pipeline";
import { createAuthority } from "../../../../testing/certificates.ts";
import type { Receiver } from "../../src/contracts.ts";
import { sidecarFacts } from "../../src/facts.ts";
import { startGrpcReceiver } from "../../src/receive/grpc/start.ts";
import { startHttpReceiver } from "../../src/receive/http/start.ts";
import { grpcReceiverDefaults, httpReceiverDefaults } from "../../src/receive/settings.ts";
import { callGrpc, callOn, createPorts, exchangeRaw, frame, grpcPaths, recordRequests } from "./doors.ts";

const authority = await createAuthority();
const stranger = await createAuthority("another");
const server = await authority.server();
const client = await authority.client("orders");
const other = await stranger.client("orders");

const open: Receiver[] = [];
after(async () => {
  await Promise.all(open.map((receiver) => receiver.close(0)));
});

async function openDoor(kind: "http" | "grpc", clientCa: string | undefined) {
  const recording = recordRequests();
  const tls = { cert: server.cert, key: new Secret(server.key), clientCa };
  const ports = createPorts();
  const receiver =
    kind === "http"
      ? await startHttpReceiver({ ...httpReceiverDefaults, port: 0, tls }, recording.handler, ports)
      : await startGrpcReceiver({ ...grpcReceiverDefaults, port: 0, tls }, recording.handler, ports);
  open.push(receiver);
  return { port: receiver.address.port, came: recording.came, facts: ports.facts };
}

/** One export; `ok`, or the code of what went wrong. */
async function send(kind: "http" | "grpc", port: number, tls: ConnectionOptions): Promise<string> {
  const options = { ca: authority.ca, servername: "localhost", ...tls };
  if (kind === "grpc") {
    const session = connectHttp2(`https://127.0.0.1:${port}`, options);
    const failed = once(session, "error").then(([error]) => String(error.code));
    const reply = callOn(session, grpcPaths.logs, frame(Buffer.of(1)));
    const outcome = await Promise.race([
      failed,
      reply.then(({ status }) => (status === "0" ? "ok" : "no answer")),
    ]);
    session.destroy();
    return outcome;
  }
  const headers = { "content-type": "application/json" };
  const request = requestHttps({
    host: "127.0.0.1",
    port,
    path: "/v1/logs",
    method: "POST",
    headers,
    agent: false,
    ...options,
  });
  request.end("{}");
  return new Promise((resolve) => {
    request.on("response", (response) => resolve(response.resume().statusCode === 200 ? "ok" : "refused"));
    request.on("error", (error: Error & { code?: string }) => resolve(error.code ?? error.name));
  });
}

for (const kind of ["http", "grpc"] as const) {
  describe(`TLS at the OTLP/${kind} door`, () => {
    it("lets in who has a certificate of the clients' authority, and nobody else", async () => {
      const { port, came } = await openDoor(kind, authority.ca);
      for (const tls of [{}, other, { cert: server.cert, key: other.key }]) {
        const outcome = await send(kind, port, tls).catch(() => "no pair");
        assert.notEqual(outcome, "ok");
      }
      assert.equal(came.length, 0);
      assert.equal(await send(kind, port, client), "ok");
      assert.equal(came.length, 1);
    });

    it("asks for no certificate when none is wanted, and cannot be spoken to without TLS", async () => {
      const { port, came } = await openDoor(kind, undefined);
      assert.equal(await send(kind, port, {}), "ok");
      if (kind === "http") {
        assert.doesNotMatch(
          await exchangeRaw(port, "POST /v1/logs HTTP/1.1\r\nhost: x\r\n\r\n"),
          /^HTTP\/1\.1 2/,
        );
      } else {
        assert.notEqual((await callGrpc(port, grpcPaths.logs, frame(Buffer.of(1)))).status, "0");
      }
      assert.equal(came.length, 1);
    });

    it("says why a handshake failed, in words of its own, and counts it by reason", async () => {
      const { port, facts } = await openDoor(kind, authority.ca);
      const failures = () => facts.recorded.filter(({ fact }) => fact === sidecarFacts.handshakesFailed);
      const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
      for (const [reason, tls] of [
        ["no_certificate", {}],
        ["certificate", other],
        ["certificate_expired", await authority.expiredServer()],
        ["certificate_purpose", server],
        ["version", { ...client, ...old }],
      ] as const) {
        const before = failures().length;
        await send(kind, port, tls);
        while (failures().length === before) await new Promise(setImmediate);
        assert.deepEqual(failures().at(-1)?.labels, { door: kind, reason });
      }
      const before = failures().length;
      await exchangeRaw(port, "POST /canary HTTP/1.1\r\nhost: canary\r\n\r\n");
      await exchangeRaw(port, "canary\n\u001b[31m");
      while (failures().length < before + 2) await new Promise(setImmediate);
      const reasons = failures().map(({ labels }) => labels["reason"]);
      assert.deepEqual(reasons.slice(before), ["plain_http", "no_tls"]);
      for (const { detail } of failures()) assert.match(detail ?? "", /^[ -~]{10,120}$/);
      assert.doesNotMatch(JSON.stringify(failures()), /canary|error:/);
      assert.equal(facts.count(sidecarFacts.malformed), 0);
    });

    it("speaks TLS 1.2 and newer alone", async () => {
      const { port, came } = await openDoor(kind, undefined);
      for (const maxVersion of ["TLSv1", "TLSv1.1"] as const) {
        const old = { minVersion: "TLSv1", maxVersion, ciphers: "DEFAULT@SECLEVEL=0" } as const;
        assert.notEqual(await send(kind, port, old), "ok");
      }
      assert.equal(came.length, 0);
      assert.equal(await send(kind, port, { maxVersion: "TLSv1.2" }), "ok");
    });
  });
}
