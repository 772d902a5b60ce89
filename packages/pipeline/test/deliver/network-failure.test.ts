import assert from "node:assert/strict";
import { test } from "node:test";
import { explainNetworkFailure } from "../../src/deliver/network-failure.ts";

const codes: readonly (readonly [code: string, reason: RegExp, misconfigured: boolean])[] = [
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", /client certificate/, true],
  ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", /client certificate/, true],
  ["ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE", /client certificate/, true],
  ["ERR_SSL_SSL/TLS_ALERT_UNSUPPORTED_CERTIFICATE", /client certificate/, true],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", /client certificate/, true],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", /without a client certificate/, false],
  ["ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", /without a client certificate/, false],
  ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", /TLS 1\.2 or newer/, false],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", /TLS 1\.2 or newer/, false],
  ["INVALID_PURPOSE", /not one for servers/, true],
  ["UNSPECIFIED", /too weak/, true],
  ["SOMETHING_NEW", /^the connection failed/, false],
];
for (const [code, reason, misconfigured] of codes) {
  test(`${code} ${misconfigured ? "waits for a change" : "is tried again"}, with a reason in words`, () => {
    const failure = explainNetworkFailure(Object.assign(new Error("quotes a request"), { code }));
    assert.match(failure.reason, reason);
    assert.ok(failure.reason.endsWith(`(${code})`));
    assert.doesNotMatch(failure.reason, /quotes/);
    assert.equal(failure.misconfigured, misconfigured);
    assert.equal(failure.broken, false);
  });
}
