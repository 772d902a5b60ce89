/** JSON Web Tokens: RFC 7519, in the compact form of RFC 7515 (three parts) and RFC 7516 (five). */
import { ALNUM, classOf, DASH, skipClass } from "../characters.ts";
import type { Spans } from "../spans.ts";

const PART: number = ALNUM | DASH;
const DOT = 46;
const MAX_PARTS = 5;
/** A header has at least `{"alg":` in it. */
const MIN_HEADER = 8;

/** Looks at the token whose header, a JSON object in base64url, would begin with the `eyJ` at `start`. */
export function findJwt(text: string, start: number, found: Spans): void {
  if ((classOf(text.charCodeAt(start - 1)) & PART) !== 0) return;
  let end = skipClass(text, start, PART, text.length);
  if (end - start < MIN_HEADER) return;
  let parts = 1;
  let isPayloadAnObject = false;
  while (parts < MAX_PARTS && text.charCodeAt(end) === DOT) {
    const from = end + 1;
    const to = skipClass(text, from, PART, text.length);
    // An empty part stands where there is no signature, or no encrypted key.
    if (to === from && parts < 2) break;
    if (parts === 1) isPayloadAnObject = text.startsWith("eyJ", from);
    if (to === from && !isPayloadAnObject && parts < MAX_PARTS - 1 && text.charCodeAt(to) !== DOT) break;
    end = to;
    parts++;
  }
  // Two parts are a token without its signature: what it says of a user is in it all the same.
  if (parts >= 3 || isPayloadAnObject) found.add(start, end, "tokens");
}
