import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { createServer } from "node:tls";
import { Secret, systemClock } from "@coresdk/pipeline";
import { type Authority, createAuthority, type Identity } from "../../../../testing/certificates.ts";
import { listen } from "../../../../testing/listen.ts";
import { createForwarder } from "../../src/forward/forwarder.ts";
import { recordFacts } from "../receive/doors.ts";
import { openGrpcUpstream, openHttpUpstream, type Upstream } from "./upstreams.ts";

/** Ends TLS in front of an upstream, and lets nobody through without a certificate of the authority. */
async function guard(t: TestContext, upstream: Upstream, authority: Authority): Promise<string> {
  const port = Number(new URL(upstream.settings.endpoint).port);
  const server = createServer(
    {
      ...(await authority.server()),
      ca: authority.ca,
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ["h2", "http/1.1"],
    },
    (socket) => {
      const behind = connect(port, "127.0.0.1");
      socket.on("error", () => behind.destroy());
      behind.on("error", () => socket.destroy());
      t.after(() => behind.destroy());
      socket.pipe(behind).pipe(socket);
    },
  );
  server.on("tlsClientError", () => undefined);
  t.after(() => server.close());
  t.after(() => upstream.close());
  return `https://localhost:${await listen(server)}`;
}

for (const [protocol, open] of [
  ["http/protobuf", openHttpUpstream],
  ["grpc", openGrpcUpstream],
] as const) {
  test(`an upstream that asks for a client certificate gets ours, and nothing of whoever has none: ${protocol}`, async (t) => {
    const authority = await createAuthority();
    const upstream = await open();
    const endpoint = await guard(t, upstream, authority);
    const message = Buffer.from([0x0a, 0x00]);
    const forwardAs = async (identity: Identity | undefined) => {
      const key = identity && new Secret(identity.key);
      const tls = { ca: authority.ca, cert: identity?.cert, key, servername: undefined };
      const settings = { ...upstream.settings, endpoint, protocol, tls };
      const forwarder = createForwarder(settings, { clock: systemClock, facts: recordFacts() });
      const answer = await forwarder.forward("traces", message, "protobuf");
      // Ends, whatever became of the connection.
      await forwarder.close(0);
      return answer;
    };
    assert.equal((await forwardAs(await authority.client("sidecar"))).kind, "accepted");
    assert.deepEqual(
      upstream.came.map((request) => Buffer.from(request.message)),
      [message],
    );
    assert.equal((await forwardAs(undefined)).kind, "refused");
    assert.equal(upstream.came.length, 1);
  });
}
