/** Headers that the protocols themselves set, in lower case. */
export const PROTOCOL_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "grpc-encoding",
  "grpc-timeout",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * Checks the name of a header that every request to the upstream shall carry.
 *
 * @returns `undefined` when it can be set, else what is wrong with it
 */
export function checkUpstreamHeaderName(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (!NAME.test(lower)) return `${JSON.stringify(name)} is no header name`;
  return PROTOCOL_HEADERS.has(lower) ? `${lower} is set by the protocol` : undefined;
}
