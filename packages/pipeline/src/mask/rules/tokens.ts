/** JSON Web Tokens: RFC 7519, in the compact form of RFC 7515 (three parts) and RFC 7516 (five). */
import { ALNUM, classOf, DASH, isAlnum, skipClass, skipClassBack } from "../characters.ts";
import type { Spans } from "../spans.ts";

const PART: number = ALNUM | DASH;
const DOT = 46;
const MAX_PARTS = 5;
/** A header has at least `{"alg":` in it. */
const MIN_HEADER = 8;
/** `{` and a line feed, a carriage return, a tab or a space: headers that were printed for reading. */
const PRETTY = /^(?:ew[0ok]|eyA)/;

/**
 * Looks at the token whose header, a JSON object in base64url, would begin with the `ey` at `start`.
 *
 * @param from behind headers that were looked at already: what begins within one of them is no other token
 * @returns behind the header
 */
export function findJwt(text: string, start: number, from: number, found: Spans): number {
  // `session_eyJ...`: a name may be joined to it.
  if (start < from || isAlnum(text.charCodeAt(start - 1))) return from;
  const headerEnd = skipClass(text, start, PART, text.length);
  const end = headerEnd - start < MIN_HEADER ? -1 : endOfParts(text, headerEnd);
  if (end >= 0) found.add(start, end, "tokens");
  return headerEnd;
}

/** Looks at the token whose header ends in front of the dot at `dot`, and was printed for reading. */
export function findPrettyJwt(text: string, dot: number, found: Spans): void {
  const start = skipClassBack(text, dot, PART, 0);
  if (dot - start < MIN_HEADER || !PRETTY.test(text.slice(start, start + 3))) return;
  const end = endOfParts(text, dot);
  if (end >= 0) found.add(start, end, "tokens");
}

/** Where the parts behind a header end; -1 when they make no token. */
function endOfParts(text: string, headerEnd: number): number {
  let end = headerEnd;
  let parts = 1;
  let isPayloadAnObject = false;
  while (parts < MAX_PARTS && text.charCodeAt(end) === DOT) {
    const from = end + 1;
    const to = skipClass(text, from, PART, text.length);
    if (to === from) {
      const isDotBehind = text.charCodeAt(to) === DOT;
      // No encrypted key stands where the key is agreed on (RFC 7516, section 5.1; `alg: dir`).
      if (parts === 1 && !(isDotBehind && (classOf(text.charCodeAt(to + 1)) & PART) !== 0)) break;
      // And no signature where there is none.
      if (parts > 1 && !isPayloadAnObject && parts < MAX_PARTS - 1 && !isDotBehind) break;
    }
    if (parts === 1) isPayloadAnObject = PAYLOAD.test(text.slice(from, from + 3));
    end = to;
    parts++;
  }
  // Two parts are a token without its signature: what it says of a user is in it all the same.
  return parts >= 3 || isPayloadAnObject ? end : -1;
}

const PAYLOAD = /^(?:eyJ|ew[0ok]|eyA)/;
