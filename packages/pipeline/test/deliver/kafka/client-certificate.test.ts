import assert from "node:assert/strict";
import { test } from "node:test";
import { createServer } from "node:tls";
import { createAuthority, type Identity } from "../../../../../testing/certificates.ts";
import { listen } from "../../../../../testing/listen.ts";
import { Secret } from "../../../src/secret.ts";
import { systemClock } from "../../../src/system.ts";
import { sinkEvents } from "../events.ts";
import { openMetadataSink } from "./open-metadata-sink.ts";

test("a broker that asks for a client certificate is shown ours, and no other is taken for it", async (t) => {
  const [authority, stranger] = [await createAuthority(), await createAuthority("another")];
  const seen: string[] = [];
  const server = createServer(
    { ...(await authority.server()), ca: authority.ca, requestCert: true, rejectUnauthorized: true },
    (socket) => {
      // Such connections alone get here; what is spoken behind the handshake is not this test's.
      seen.push(String(socket.getPeerCertificate().subject.CN));
      socket.on("error", () => undefined);
      socket.destroy();
    },
  );
  server.on("tlsClientError", () => undefined);
  t.after(() => server.close());
  const port = await listen(server);
  const sendAs = async (identity: Identity | undefined): Promise<string | undefined> => {
    const key = identity && new Secret(identity.key);
    const tls = { ca: authority.ca, cert: identity?.cert, key, servername: "localhost" };
    const sink = openMetadataSink(systemClock, [port], { tls });
    const [outcome] = await sink.send(sinkEvents({ id: "1" }), new AbortController().signal);
    await sink.close();
    return outcome?.kind;
  };
  assert.equal(await sendAs(await authority.client("sidecar")), "retry");
  assert.deepEqual(new Set(seen), new Set(["sidecar"]));
  seen.length = 0;
  for (const other of [undefined, await stranger.client("sidecar")]) {
    assert.notEqual(await sendAs(other), "delivered");
  }
  assert.deepEqual(seen, []);
});
