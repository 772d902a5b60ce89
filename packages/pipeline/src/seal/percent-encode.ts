/** What stands unencoded in a URI path segment: `pchar` of RFC 3986, section 3.3. */
const SEGMENT = /^[A-Za-z0-9\-._~!$&'()*+,;=:@]*$/;
/** Those of them that `encodeURIComponent` encodes. */
const OVERDONE = /%(?:24|26|2B|2C|3A|3B|3D|40)/g;

/**
 * One path segment, percent-encoded; `%` itself is encoded, since what comes in is not.
 * `undefined` for text with a lone surrogate, which has no UTF-8.
 */
export function encodeSegment(text: string): string | undefined {
  if (SEGMENT.test(text)) return text;
  if (!text.isWellFormed()) return undefined;
  return encodeURIComponent(text).replace(OVERDONE, decodeURIComponent);
}

/** Encodes segments; remembers the last one, since neighbours mostly share it. */
export class SegmentMemo {
  #text = "";
  #encoded: string | undefined = "";

  encode(text: string): string | undefined {
    if (text !== this.#text) {
      this.#encoded = encodeSegment(text);
      this.#text = text;
    }
    return this.#encoded;
  }
}
