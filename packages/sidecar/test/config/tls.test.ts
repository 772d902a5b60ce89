import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TlsSettings } from "@coresdk/pipeline";
import { createAuthority, type Identity } from "../../../../testing/certificates.ts";
import type { LoadedConfig } from "../../src/config/settings.ts";
import { createDirectory, load, loadError } from "./load.ts";

const CANARY = "C4N4RY";
const GARBAGE = `-----BEGIN CERTIFICATE-----\n${CANARY}\n-----END CERTIFICATE-----\n`;
const GARBAGE_KEY = `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----\n`;

type Material = Partial<Identity> & { readonly ca?: string; readonly client_ca?: string };

const settings: readonly [name: string, write: (tls: Material) => object][] = [
  ["cloud_events.http", (tls) => ({ cloud_events: { http: { endpoint: "https://x", tls } } })],
  [
    "cloud_events.kafka",
    (tls) => ({ cloud_events: { binding: "kafka", kafka: { brokers: ["x:1"], topic: "x", tls } } }),
  ],
  ["otel", (tls) => ({ otel: { endpoint: "https://x", tls } })],
  [
    "receivers.otlp.http",
    ({ ca, ...own }) => ({
      receivers: { otlp: { http: { tls: { ...own, ...(ca === undefined ? {} : { client_ca: ca }) } } } },
    }),
  ],
];

for (const [name, write] of settings) {
  test(`PEM text with garbage inside is refused at its key: ${name}.tls`, async (t) => {
    const authority = await createAuthority();
    const [own, other] = [await authority.server(), await authority.server()];
    const { ca } = authority;
    const cases: readonly [tls: Material, message: RegExp][] = [
      [{ ...own, ca: GARBAGE }, /tls\.(?:client_)?ca holds a certificate that cannot be read \(/],
      [{ ...own, ca: `${ca}${GARBAGE}` }, /tls\.(?:client_)?ca holds a certificate, number 2, that cannot/],
      [{ ...own, ca: ca.slice(0, -30) }, /tls\.(?:client_)?ca holds a certificate without its end/],
      [{ ...own, ca: own.key }, /tls\.(?:client_)?ca holds no certificate/],
      [{ ...own, cert: GARBAGE }, /tls\.cert holds a certificate that cannot be read/],
      [{ ...own, key: GARBAGE_KEY }, /tls\.key holds no private key that can be read without a passphrase/],
      [{ ...own, key: other.key }, /tls: certificate and key are not usable together/],
    ];
    for (const [tls, message] of cases) {
      // JSON is YAML.
      const refused = loadError(t, JSON.stringify(write(tls)));
      assert.match(refused, message);
      assert.match(refused, /^coresdk-sidecar\.yaml:1:\d+: /);
      assert.doesNotMatch(refused, new RegExp(`${CANARY}|${own.key.slice(40, 60)}`));
    }
    load(t, JSON.stringify(write({ ...own, ca: `A bundle\n${ca}\n# and another\n${ca}` })));
  });
}

/** TLS towards a peer, wherever a configuration has it. */
function findTls({ settings }: LoadedConfig): TlsSettings | undefined {
  const [sink] = settings.pipeline.sinks;
  return sink?.tls ?? settings.upstream?.tls;
}

for (const [name, write] of settings.slice(0, 3)) {
  test(`authority and client certificate arrive in the settings, as text and from files: ${name}.tls`, async (t) => {
    const authority = await createAuthority();
    const { cert, key } = await authority.client("sidecar");
    const files = { "ca.pem": authority.ca, "cert.pem": cert, "key.pem": key };
    for (const tls of [
      { ca: authority.ca, cert, key },
      { ca: "./ca.pem", cert: "./cert.pem", key: "./key.pem" },
    ]) {
      const found = findTls(load(t, JSON.stringify(write(tls)), { files }));
      assert.deepEqual(
        [found?.ca, found?.cert, found?.key?.reveal(), found?.servername],
        [authority.ca, cert, key, undefined],
      );
    }
  });
}

const DAY_MS = 86_400_000;

for (const [name, write] of settings) {
  test(`a certificate of our own that is out of its time, or soon will be, is warned of: ${name}.tls`, async (t) => {
    const authority = await createAuthority();
    const now = Date.now();
    const times: readonly [fromDays: number, toDays: number, warning: RegExp | undefined][] = [
      [-90, -1, /^\S+\.tls\.cert expired at \d{4}-\S+Z: peers will refuse it$/],
      [1, 90, /^\S+\.tls\.cert is not valid before \d{4}-\S+Z: peers will refuse it until then$/],
      [-80, 10, /^\S+\.tls\.cert expires soon, at \d{4}-\S+Z$/],
      [-80, 20, undefined],
      // Renewed by a machine.
      [-1, 3, undefined],
    ];
    for (const [from, to, warning] of times) {
      const days = [from, to].map((day) => new Date(now + day * DAY_MS));
      const [notBefore = new Date(now), notAfter = new Date(now)] = days;
      const own = await authority.serverOf(notBefore, notAfter);
      const { warnings } = load(t, JSON.stringify(write(own)));
      assert.equal(warnings.length, warning === undefined ? 0 : 1);
      if (warning !== undefined) assert.match(warnings.join(), warning);
    }
  });
}

test("a private key in a file that every user may read is warned of", async (t) => {
  const { cert, key } = await (await createAuthority()).server();
  const file = join(createDirectory(t), "key.pem");
  writeFileSync(file, key);
  const text = JSON.stringify({ receivers: { otlp: { grpc: { tls: { cert, key: file } } } } });
  for (const mode of [0o644, 0o604, 0o602]) {
    chmodSync(file, mode);
    const [warning = ""] = load(t, text).warnings;
    assert.match(
      warning,
      /^receivers\.otlp\.grpc\.tls\.key: every user of this machine may .*\(mode 06\d\d\)$/,
    );
  }
  chmodSync(file, 0o640);
  assert.deepEqual(load(t, text).warnings, []);
});
