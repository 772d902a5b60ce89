/** Character references of HTML (HTML Standard, section 13.5): those of characters that a search goes by. */

const NAMED: Readonly<Record<string, number>> = {
  quot: 34,
  apos: 39,
  commat: 64,
  lt: 60,
  gt: 62,
  amp: 38,
  nbsp: 32,
};
const REFERENCE =
  /^&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(quot|apos|commat|nbsp|lt|gt|amp(?=;(?:#\w|[a-z]{2,6};))));/i;
const LONGEST = 16;
const NUMBER = 35;

export interface Reference {
  readonly codePoint: number;
  /** Behind it. */
  readonly end: number;
}

/** The reference that begins with the `&` at `at`; `undefined` when there is none. */
export function readReference(text: string, at: number): Reference | undefined {
  if (!mayBegin(text.charCodeAt(at + 1))) return undefined;
  const match = REFERENCE.exec(text.slice(at, at + LONGEST));
  if (match === null) return undefined;
  const [whole, decimal, hex, name = ""] = match;
  const codePoint =
    decimal === undefined
      ? hex === undefined
        ? NAMED[name.toLowerCase()]
        : Number.parseInt(hex, 16)
      : Number(decimal);
  if (codePoint === undefined || codePoint > 0x10ffff) return undefined;
  return { codePoint, end: at + whole.length };
}

/** `#`, or the first letter of a name. */
function mayBegin(code: number): boolean {
  return code === NUMBER || "qaclgnQACLGN".includes(String.fromCharCode(code));
}
