import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createAuthority } from "../../../../../testing/certificates.ts";
import { createDirectory } from "../../../../../testing/directory.ts";
import type { Outcome } from "../../../src/contracts.ts";
import { Secret } from "../../../src/secret.ts";
import type { TlsSettings } from "../../../src/settings.ts";
import { NO_TLS, post as postOne, reasonOf } from "./open-sink.ts";
import { Receiver } from "./receiver.ts";

const authority = await createAuthority();
const stranger = await createAuthority("another");
const identity = await authority.server();
const receiver = await new Receiver({ key: identity.key, cert: identity.cert }).listen();
const strict = await new Receiver({
  key: identity.key,
  cert: identity.cert,
  ca: authority.ca,
  requestCert: true,
  rejectUnauthorized: true,
}).listen();
const plain = await new Receiver().listen();
after(async () => {
  for (const server of [receiver, strict, plain]) await server[Symbol.asyncDispose]();
});

test("an endpoint whose authority is given is trusted", async () => {
  assert.deepEqual(await post(receiver.url(), { ca: authority.ca }), { kind: "delivered" });
});

test("an endpoint with a certificate of an unknown authority parks the sink", async () => {
  const outcome = await post(receiver.url(), undefined);
  assert.equal(outcome.kind, "parked");
  assert.match(reasonOf(outcome), /^the peer's certificate is signed by an/);
  assert.equal((await post(receiver.url(), { ca: stranger.ca })).kind, "parked");
});

test("without an authority those count that Node.js trusts, to which the environment adds; with one it alone", async (t) => {
  const file = join(createDirectory(t), "ca.pem");
  writeFileSync(file, authority.ca);
  const cases: [added: Record<string, string>, ca: string | undefined, outcome: string][] = [
    [{ NODE_EXTRA_CA_CERTS: file }, undefined, "delivered"],
    [{ NODE_EXTRA_CA_CERTS: file }, stranger.ca, "parked"],
  ];
  // Elsewhere the system's authorities are not in a file.
  if (process.platform === "linux") {
    cases.push(
      [{ SSL_CERT_FILE: file, NODE_USE_SYSTEM_CA: "1" }, undefined, "delivered"],
      [{ SSL_CERT_FILE: file, NODE_USE_SYSTEM_CA: "1" }, stranger.ca, "parked"],
    );
  }
  for (const [added, ca, outcome] of cases) {
    const said = await postElsewhere(receiver.url(), { ...process.env, ...added }, ca);
    assert.equal(said, outcome, Object.keys(added).join());
  }
});

test("certificates are verified although the environment says not to, of deliveries and of validations", async () => {
  const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env;
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  try {
    const webhook = {
      origin: "events.acme.example",
      ratePerMinute: undefined,
      callback: undefined,
      renewMs: 1_000,
    };
    const seen = receiver.requests.length;
    for (const changes of [{}, { webhook }]) {
      const outcome = await postOne(receiver.url(), changes);
      assert.equal(outcome.kind, "parked");
      assert.match(reasonOf(outcome), /^the peer's certificate is signed by an/);
    }
    const client = await authority.client("sidecar");
    const other = { cert: client.cert, key: new Secret(client.key), ca: stranger.ca };
    assert.equal((await post(receiver.url(), other)).kind, "parked");
    assert.equal(receiver.requests.length, seen);
  } finally {
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
  }
});

test("an endpoint with a certificate for another name parks the sink; servername says which to expect", async () => {
  const outcome = await post(receiver.url(), { ca: authority.ca, servername: "other.example" });
  assert.equal(outcome.kind, "parked");
  assert.match(reasonOf(outcome), /for another host name/);
  const byAddress = receiver.url().replace("localhost", "127.0.0.1");
  assert.equal((await post(byAddress, { ca: authority.ca, servername: "localhost" })).kind, "delivered");
});

test("an endpoint whose certificate has expired parks the sink and gets nothing", async () => {
  const old = await authority.expiredServer();
  await using expired = await new Receiver({ key: old.key, cert: old.cert }).listen();
  const outcome = await post(expired.url(), { ca: authority.ca });
  assert.equal(outcome.kind, "parked");
  assert.match(reasonOf(outcome), /certificate has expired/);
  assert.equal(expired.requests.length, 0);
});

test("a client certificate is presented", async () => {
  const client = await authority.client("sidecar");
  const outcome = await post(strict.url(), {
    ca: authority.ca,
    cert: client.cert,
    key: new Secret(client.key),
  });
  assert.deepEqual(outcome, { kind: "delivered" });
});

test("an endpoint that wants a client certificate and gets none parks the sink", async () => {
  let outcome: Outcome;
  // Now and then the end of the connection overtakes the alert.
  do outcome = await post(strict.url(), { ca: authority.ca });
  while (outcome.kind === "retry" && /by the peer/.test(outcome.reason));
  assert.equal(outcome.kind, "parked");
  assert.match(reasonOf(outcome), /does not accept the client certificate/);
});

test("an endpoint that wants a client certificate in the handshake of TLS 1.2 is tried again, which says so", async () => {
  await using older = await new Receiver({
    key: identity.key,
    cert: identity.cert,
    ca: authority.ca,
    requestCert: true,
    rejectUnauthorized: true,
    maxVersion: "TLSv1.2",
  }).listen();
  const outcome = await post(older.url(), { ca: authority.ca });
  assert.equal(outcome.kind, "retry");
  assert.match(reasonOf(outcome), /without a client certificate that it wants/);
});

test("an endpoint that wants another client certificate gets nothing, and says so or hangs up", async () => {
  const client = await stranger.client("sidecar");
  const other = { ca: authority.ca, cert: client.cert, key: new Secret(client.key) };
  for (const tls of [other, { ca: authority.ca }]) {
    const outcome = await post(strict.url(), tls);
    assert.notEqual(outcome.kind, "delivered");
    assert.match(reasonOf(outcome), /client certificate|closed by the peer|reset by the peer/);
  }
});

test("an endpoint that speaks no TLS is a retry that says so", async () => {
  const outcome = await post(plain.url().replace("http:", "https:"), undefined);
  assert.equal(outcome.kind, "retry");
  assert.match(reasonOf(outcome), /may not speak TLS/);
});

async function post(endpoint: string, tls: Partial<TlsSettings> | undefined): Promise<Outcome> {
  return await postOne(endpoint, { tls: tls && { ...NO_TLS, ...tls } });
}

/** Posts from a process with that environment, which Node.js reads when it starts. */
async function postElsewhere(
  endpoint: string,
  env: NodeJS.ProcessEnv,
  ca: string | undefined,
): Promise<string> {
  const program = fileURLToPath(new URL("./post-program.ts", import.meta.url));
  const args = ["--conditions=coresdk-source", program, endpoint, ...(ca === undefined ? [] : [ca])];
  return (await promisify(execFile)(process.execPath, args, { env })).stdout;
}
