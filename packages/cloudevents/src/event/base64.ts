/** Base64 of RFC 4648, section 4: the standard alphabet, padded, nothing else between the characters. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 0x3d;
const NONE = 255;

const UNITS = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const VALUES = new Uint8Array(256).fill(NONE);
UNITS.forEach((unit, value) => {
  VALUES[unit] = value;
});

const ascii = new TextDecoder();

/** The base64 text of the bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PAD);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out[at] = UNITS[group >> 18] ?? PAD;
    out[at + 1] = UNITS[(group >> 12) & 63] ?? PAD;
    if (left > 1) out[at + 2] = UNITS[(group >> 6) & 63] ?? PAD;
    if (left > 2) out[at + 3] = UNITS[group & 63] ?? PAD;
    at += 4;
  }
  return ascii.decode(out);
}

/** The bytes of a base64 text; `undefined` when the text is none, unused bits that are not zero included. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const characters = text.length - padding;
  const out = new Uint8Array((text.length / 4) * 3 - padding);
  let group = 0;
  let at = 0;
  for (let i = 0; i < characters; i++) {
    const unit = text.charCodeAt(i);
    const value = unit < 256 ? (VALUES[unit] ?? NONE) : NONE;
    if (value === NONE) return undefined;
    group = (group << 6) | value;
    if ((i & 3) === 3) {
      out[at] = group >> 16;
      out[at + 1] = group >> 8;
      out[at + 2] = group;
      at += 3;
      group = 0;
    }
  }
  if (padding === 1) {
    if ((group & 3) !== 0) return undefined;
    out[at] = group >> 10;
    out[at + 1] = group >> 2;
  } else if (padding === 2) {
    if ((group & 15) !== 0) return undefined;
    out[at] = group >> 4;
  }
  return out;
}

/** True when {@link decodeBase64} would give bytes. */
export function isBase64(text: string): boolean {
  return decodeBase64(text) !== undefined;
}
