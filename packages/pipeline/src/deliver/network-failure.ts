/** A failure below the protocol, in words an operator can act upon. Nothing of a request is in them. */
export interface NetworkFailure {
  readonly reason: string;
  /**
   * True when another attempt fares no better until someone changes something: the peer's certificate is not
   * trusted, or its address is blocked.
   */
  readonly misconfigured: boolean;
  /** True when the peer ended a connection that stood: it may have choked on what it was sent. */
  readonly broken: boolean;
}

const REFUSED_HANDSHAKE =
  "TLS failed: the peer refuses the handshake, as it does without a client certificate that it wants, or a cipher in common";

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ECONNRESET", "connection reset by the peer"],
  ["EPIPE", "connection closed by the peer"],
  ["UND_ERR_SOCKET", "connection closed by the peer"],
  ["ETIMEDOUT", "connection timed out"],
  ["UND_ERR_CONNECT_TIMEOUT", "connection timed out"],
  ["ENOTFOUND", "the host name is not known"],
  ["EAI_AGAIN", "the host name could not be resolved"],
  ["EHOSTUNREACH", "the host is unreachable"],
  ["ENETUNREACH", "the network is unreachable"],
  ["EPROTO", "TLS failed: the peer may not speak TLS on this port"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "TLS failed: the peer may not speak TLS on this port"],
  ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "TLS failed: the peer does not speak TLS 1.2 or newer"],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "TLS failed: the peer does not speak TLS 1.2 or newer"],
  // The second is the name in newer versions of OpenSSL.
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", REFUSED_HANDSHAKE],
  ["ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", REFUSED_HANDSHAKE],
  ["UND_ERR_HEADERS_OVERFLOW", "the answer's headers are longer than what is read of them"],
  // The Kafka client's own, of failures that nothing below it explains; it has the same for both.
  ["PLT_KFK_NETWORK", "no answer in time, or the connection ended before it"],
]);

/** The peer closed the connection, or what it sent was no HTTP. */
const BROKEN = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|HPE_.*)$/;

/**
 * What only a change mends: verdicts of Node's TLS on a peer's certificate (`X509_V_ERR_*` of OpenSSL without its
 * prefix), and what `address-guard.ts` keeps away from.
 */
const MISCONFIGURED_REASONS: ReadonlyMap<string, string> = new Map([
  ["ERR_PRIVATE_ADDRESS", "the host has private addresses only, which block_private_addresses excludes"],
  ["CERT_HAS_EXPIRED", "the peer's certificate has expired"],
  ["CERT_NOT_YET_VALID", "the peer's certificate is not valid yet"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "the peer's certificate is for another host name"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "the peer's certificate is self-signed and not trusted"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "the peer's certificate is signed by an authority that is not trusted"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "the peer's certificate is signed by an unknown authority"],
  ["UNABLE_TO_GET_ISSUER_CERT", "the peer's certificate is signed by an unknown authority"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "the peer's certificate is signed by an unknown authority"],
  ["CERT_SIGNATURE_FAILURE", "the peer's certificate has a bad signature"],
  ["INVALID_PURPOSE", "the peer's certificate is not one for servers"],
  ["INVALID_CA", "the peer's certificate is signed by what is no authority"],
  ["UNSPECIFIED", "the peer's certificate is not acceptable, as with a key or signature that is too weak"],
  ["CERT_REVOKED", "the peer's certificate is revoked"],
  ["CERT_UNTRUSTED", "the peer's certificate is not trusted"],
  ["CERT_REJECTED", "the peer's certificate is not trusted"],
]);

/** What the peer's TLS says of ours: alerts on the client's certificate. Newer versions of OpenSSL name them `SSL/TLS`. */
const CLIENT_CERTIFICATE =
  /^ERR_SSL_(TLSV13_ALERT_CERTIFICATE_REQUIRED|(SSLV3|SSL\/TLS|TLSV1)_ALERT_((BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_(UNKNOWN|EXPIRED|REVOKED)|UNKNOWN_CA|ACCESS_DENIED))$/;

/** An error can carry others: by `cause`, or as the attempts on several addresses. This many levels are looked at. */
const MAX_DEPTH = 8;

export function explainNetworkFailure(error: unknown): NetworkFailure {
  const code = findCode(error, MAX_DEPTH) ?? "";
  const wrong = MISCONFIGURED_REASONS.get(code);
  if (wrong !== undefined) return { reason: `${wrong} (${code})`, misconfigured: true, broken: false };
  if (isClientCertificateCode(code)) {
    return {
      reason: `the peer does not accept the client certificate (${code})`,
      misconfigured: true,
      broken: false,
    };
  }
  const known = endedBeforeTls(error, MAX_DEPTH)
    ? "the peer closed the connection before TLS began: it may not speak TLS on this port"
    : REASONS.get(code);
  const broken = BROKEN.test(code) && !isConnecting(error, MAX_DEPTH);
  if (known !== undefined) return { reason: `${known} (${code})`, misconfigured: false, broken };
  const named = code === "" ? "" : ` (${code})`;
  return { reason: `the connection failed${named}`, misconfigured: false, broken };
}

/** True for the code of an alert by which the peer turns our certificate down, or says that it wants one. */
export function isClientCertificateCode(code: unknown): boolean {
  return typeof code === "string" && CLIENT_CERTIFICATE.test(code);
}

/** True when there was no connection yet, or no TLS on it. */
function isConnecting(error: unknown, depth: number): boolean {
  if (!(error instanceof Error) || depth === 0) return false;
  if ("syscall" in error && error.syscall === "connect") return true;
  return isBeforeTls(error) || isConnecting(error.cause, depth - 1);
}

/** True when what an error carries, by `cause` or as attempts, is that a connection ended before it had TLS. */
function endedBeforeTls(error: unknown, depth: number): boolean {
  if (!(error instanceof Error) || depth === 0) return false;
  const inner = [error.cause, ...(error instanceof AggregateError ? error.errors : [])];
  return isBeforeTls(error) || inner.some((next) => endedBeforeTls(next, depth - 1));
}

/** Node has no code of its own for it. */
function isBeforeTls(error: Error): boolean {
  return error.message.includes("before secure TLS connection");
}

/** The code of the innermost error that has one of those known here, else the outermost there is. */
function findCode(error: unknown, depth: number): string | undefined {
  if (!(error instanceof Error) || depth === 0) return undefined;
  const own = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (own !== undefined && (REASONS.has(own) || MISCONFIGURED_REASONS.has(own))) {
    return findCode(error.cause, depth - 1) ?? own;
  }
  const inner = [error.cause, ...(error instanceof AggregateError ? error.errors : [])];
  for (const next of inner) {
    const code = findCode(next, depth - 1);
    if (code !== undefined) return code;
  }
  return own;
}
