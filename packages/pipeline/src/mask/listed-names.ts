/** Texts in a list that are names themselves, so that none of them is the value of the name in front of it. */

/** Headers without a secret, fields of forms, and what OpenID Connect calls its ways to get and send a token. */
const NAMES: ReadonlySet<string> = new Set(
  (
    "accept-encoding accept-language accept-ranges access-control-allow-origin cache-control content-disposition " +
    "content-encoding content-language content-length content-range content-security-policy content-type " +
    "idempotency-key if-match if-modified-since if-none-match last-event-id last-modified retry-after server-timing " +
    "traceparent tracestate user-agent www-authenticate " +
    "username user_name userid user_id email email_address firstname first_name lastname last_name phone_number " +
    "none id_token authorization_code client_credentials refresh_token client_secret_basic client_secret_post " +
    "client_secret_jwt private_key_jwt tls_client_auth self_signed_tls_client_auth"
  ).split(" "),
);
/** Headers of one word: in small letters they may be anything. */
const WORDS: ReadonlySet<string> = new Set(
  "Accept Age Allow Connection DPoP Date ETag Expires Forwarded Host Link Location Origin Pragma Prefer Range Referer Vary".split(
    " ",
  ),
);
const EXTENSION_HEADER = /^x(?:-[a-z]{2,12}){1,4}$/i;
const RESPONSE_TYPE = /^(?:code|token|id_token)(?: (?:code|token|id_token)){1,2}$/;
const LONGEST = 64;

/** Keys of lists that have names and nothing else: JSON Schema, CORS, OpenID Connect Discovery. */
const LIST = /^(?:required|(?:access-?control-?)?(?:allow|expose)(?:ed)?-?headers|\w{1,48}_supported)$/i;
const LISTED = /^[A-Za-z][A-Za-z_.:-]*\d{0,2}$/;

/** True for a text of a list under this key that is a name. */
export function isListedName(key: string, text: string): boolean {
  if (text.length > LONGEST) return false;
  return (
    NAMES.has(text.toLowerCase()) ||
    WORDS.has(text) ||
    EXTENSION_HEADER.test(text) ||
    RESPONSE_TYPE.test(text) ||
    (LIST.test(key) && LISTED.test(text))
  );
}
