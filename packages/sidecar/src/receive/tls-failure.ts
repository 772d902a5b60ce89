/** Why a TLS handshake at a door failed, in words of our own: what OpenSSL says may quote what came. */

export interface TlsFailure {
  /** For the counter: one of few. */
  readonly reason: string;
  readonly detail: string;
}

const noCertificate = failure("no_certificate", "the client showed no certificate");
const oldVersion = failure("version", "the client speaks neither TLS 1.2 nor 1.3");
const noTls = failure("no_tls", "what came is no TLS");
const plainHttp = failure("plain_http", "plain HTTP came to a door that speaks TLS");
const noCommonWay = failure("no_common_way", "the client offers no cipher or group that is allowed");
const distrusted = failure("distrusted", "the client does not trust this door's certificate");

/** By Node's code for it. */
const byCode: ReadonlyMap<string, TlsFailure> = new Map([
  ["ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE", noCertificate],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", oldVersion],
  ["ERR_SSL_VERSION_TOO_LOW", oldVersion],
  ["ERR_SSL_HTTP_REQUEST", plainHttp],
  ["ERR_SSL_HTTPS_PROXY_REQUEST", plainHttp],
  ["ERR_SSL_WRONG_VERSION_NUMBER", noTls],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", noTls],
  ["ERR_SSL_UNEXPECTED_MESSAGE", noTls],
  ["ERR_SSL_NO_SHARED_CIPHER", noCommonWay],
  ["ERR_SSL_NO_SUITABLE_KEY_SHARE", noCommonWay],
  ["ERR_SSL_NO_SHARED_GROUP", noCommonWay],
  ["ERR_SSL_NO_APPLICATION_PROTOCOL", failure("protocol", "the client asks for another protocol")],
  ["ERR_TLS_HANDSHAKE_TIMEOUT", failure("late", "the handshake was not finished in time")],
]);

/** By what is wrong with the client's certificate. */
const byCertificate: ReadonlyMap<string, TlsFailure> = new Map([
  ["CERT_HAS_EXPIRED", failure("certificate_expired", "the client's certificate has expired")],
  ["CERT_NOT_YET_VALID", failure("certificate_early", "the client's certificate is not valid yet")],
  ["INVALID_PURPOSE", failure("certificate_purpose", "the client's certificate is not one for clients")],
]);

/** A client says so in an alert, which bears a code of its own. */
const DISTRUST = /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_[A-Z]+|UNSUPPORTED_CERTIFICATE)$/;

/** `undefined` when the client went away before it said anything that was wrong. */
export function describeTlsFailure(
  error: Error & { readonly code?: string },
  socket: { readonly authorizationError?: unknown },
): TlsFailure | undefined {
  // Node ends such a connection without an error of its own.
  if (typeof socket.authorizationError === "string") return describeCertificate(socket.authorizationError);
  const code = error.code ?? "";
  const known = byCode.get(code);
  if (known !== undefined) return known;
  if (DISTRUST.test(code)) return distrusted;
  return /^ERR_(?:SSL|TLS)_/.test(code) ? failure("other", `TLS failed${quote(code)}`) : undefined;
}

function describeCertificate(code: string): TlsFailure {
  const known = byCertificate.get(code);
  if (known !== undefined) return known;
  return failure("certificate", `the client's certificate is not of client_ca${quote(code)}`);
}

function failure(reason: string, detail: string): TlsFailure {
  return { reason, detail };
}

/** A code of OpenSSL's or Node's own, and nothing else. */
function quote(code: string): string {
  return /^[A-Z0-9_/]{1,80}$/.test(code) ? ` (${code})` : "";
}
