import assert from "node:assert/strict";
import { constants } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { request as requestHttps } from "node:https";
import { after, describe, it } from "node:test";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
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
  return sendOver(kind, connectTls(kind, port, tls));
}

function connectTls(kind: "http" | "grpc", port: number, tls: ConnectionOptions): TLSSocket {
  const ALPNProtocols = [kind === "grpc" ? "h2" : "http/1.1"];
  return connect({
    host: "127.0.0.1",
    port,
    ca: authority.ca,
    servername: "localhost",
    ALPNProtocols,
    ...tls,
  });
}

async function sendOver(kind: "http" | "grpc", socket: TLSSocket): Promise<string> {
  const createConnection = () => socket;
  if (kind === "grpc") {
    const session = connectHttp2("https://localhost", { createConnection });
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
  const request = requestHttps({ path: "/v1/logs", method: "POST", headers, createConnection });
  request.end("{}");
  return new Promise((resolve) => {
    request.on("response", (response) => resolve(response.resume().statusCode === 200 ? "ok" : "refused"));
    request.on("error", (error: Error & { code?: string }) => resolve(error.code ?? error.name));
  });
}

const resumable = {
  "TLS 1.2": { maxVersion: "TLSv1.2" },
  "TLS 1.2 without tickets": { maxVersion: "TLSv1.2", secureOptions: constants.SSL_OP_NO_TICKET },
  "TLS 1.3": { minVersion: "TLSv1.3" },
} as const;

/** One export, and the session with which the next one may try to go on. */
async function sendForSession(kind: "http" | "grpc", port: number, tls: ConnectionOptions) {
  const socket = connectTls(kind, port, tls);
  let session: Buffer | undefined;
  // TLS 1.3 sends it behind the handshake, but before any answer.
  socket.on("session", (latest: Buffer) => {
    session = latest;
  });
  const outcome = await sendOver(kind, socket);
  return { outcome, session, reused: socket.isSessionReused() };
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

    for (const [named, version] of Object.entries(resumable)) {
      it(`lets nobody in by a session that began with a certificate, ${named}`, async () => {
        const { port, came, facts } = await openDoor(kind, authority.ca);
        const { outcome, session } = await sendForSession(kind, port, { ...client, ...version });
        assert.equal(outcome, "ok");
        assert.ok(session !== undefined);
        // The certificate may have expired meanwhile: that is seen only where it is asked for again.
        assert.notEqual((await sendForSession(kind, port, { ...version, session })).outcome, "ok");
        assert.equal(came.length, 1);
        const failures = () => facts.recorded.filter(({ fact }) => fact === sidecarFacts.handshakesFailed);
        while (failures().length === 0) await new Promise(setImmediate);
        assert.deepEqual(failures()[0]?.labels, { door: kind, reason: "no_certificate" });
        const again = await sendForSession(kind, port, { ...client, ...version, session });
        assert.deepEqual([again.outcome, again.reused], ["ok", false]);
      });
    }

    it("resumes sessions where no certificate is asked for", async () => {
      const { port } = await openDoor(kind, undefined);
      for (const version of [resumable["TLS 1.2"], resumable["TLS 1.3"]]) {
        const { session } = await sendForSession(kind, port, version);
        assert.ok(session !== undefined);
        const again = await sendForSession(kind, port, { ...version, session });
        assert.deepEqual([again.outcome, again.reused], ["ok", true]);
      }
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
