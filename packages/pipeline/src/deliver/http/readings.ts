/**
 * How a text reads when its escapes are resolved, for a comparison that does not depend on them: a peer that says
 * what it was sent writes it into JSON, HTML or a URL, and what it wrote may have been written into another.
 */

/** A text, one character for each byte of its UTF-8, and where each of them comes from. */
export interface Reading {
  readonly text: string;
  /** Where the character's origin begins in the text that was read, for each character. */
  readonly starts: Uint32Array;
  /** And where it ends. */
  readonly ends: Uint32Array;
}

/** An escape within an escape within an escape is resolved; nobody writes more. */
const MAX_DEPTH = 3;

/**
 * One escape. Only leading zeros repeat without bound, and what follows them may begin with a zero itself, so that a
 * text is gone through once.
 */
const ESCAPE =
  /%([0-9a-f]{2})|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\u([0-9a-f]{4})|\\u\{0*([0-9a-f]{1,6})\}|\\x([0-9a-f]{2})|\\([\s\S])|&#x0*([0-9a-f]{1,6});?|&#0*([0-9]{1,7});?|&([a-z][a-z0-9]{1,6});/g;

/** What has a name in HTML of the characters from 0xa0 and from 0xe0 on; a capital letter reads as its small one. */
const LATIN: readonly (readonly [first: number, names: string])[] = [
  [0xa0, "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr"],
  [0xb0, "deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest"],
  [0xd7, "times"],
  [0xdf, "szlig"],
  [
    0xe0,
    "agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml",
  ],
  [
    0xf0,
    "eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml",
  ],
];

/** Of HTML: the characters of ASCII and Latin-1 that have a name, as encoders write them. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...LATIN.flatMap(([first, names]) =>
    names.split(" ").map((name, at): [string, string] => [name, String.fromCharCode(first + at)]),
  ),
  ...Object.entries({
    amp: "&",
    apos: "'",
    ast: "*",
    bsol: "\\",
    colon: ":",
    comma: ",",
    commat: "@",
    dollar: "$",
    equals: "=",
    excl: "!",
    grave: "`",
    gt: ">",
    hat: "^",
    lbrace: "{",
    lcub: "{",
    lowbar: "_",
    lpar: "(",
    lsqb: "[",
    lt: "<",
    newline: "\n",
    num: "#",
    percnt: "%",
    period: ".",
    plus: "+",
    quest: "?",
    quot: '"',
    rbrace: "}",
    rcub: "}",
    rpar: ")",
    rsqb: "]",
    semi: ";",
    sol: "/",
    tab: "\t",
    tilde: "~",
    verbar: "|",
    vert: "|",
  }),
]);

/** Escapes of control characters, which are left out. */
const CONTROLS = "nrtbfv0";

/**
 * The readings of a text: as it is, and with its escapes resolved, until there is none. In each, letters are small,
 * and what breaks a text into lines or words is left out, with the plus that stands for a space in forms.
 */
export function* readings(text: string): Generator<Reading> {
  let reading: Reading | undefined = spell(text);
  for (let depth = 0; reading !== undefined; depth++) {
    yield reading;
    reading = depth < MAX_DEPTH ? resolveEscapes(reading) : undefined;
  }
}

/** The bytes of a text. */
function spell(text: string): Reading {
  const bytes = new Writing(Buffer.byteLength(text));
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at) ?? 0;
    const end = at + (code > 0xffff ? 2 : 1);
    bytes.writeCode(code, at, end);
    at = end;
  }
  return bytes.finish();
}

/** `undefined` when there is nothing to resolve. */
function resolveEscapes({ text, starts, ends }: Reading): Reading | undefined {
  // No escape is shorter than what it stands for.
  const resolved = new Writing(text.length);
  let copied = 0;
  const copyTo = (end: number): void => {
    for (; copied < end; copied++)
      resolved.writeByte(text.charCodeAt(copied), starts[copied] ?? 0, ends[copied] ?? 0);
  };
  for (const found of text.matchAll(ESCAPE)) {
    const code = readEscape(found);
    if (code === undefined) continue;
    copyTo(found.index);
    copied = found.index + found[0].length;
    const from = starts[found.index] ?? 0;
    const to = ends[copied - 1] ?? 0;
    // A percent stands for a byte, all others for characters.
    if (found[1] === undefined) resolved.writeCode(code, from, to);
    else resolved.writeByte(code, from, to);
  }
  if (copied === 0) return undefined;
  copyTo(text.length);
  return resolved.finish();
}

/** The byte or the character that an escape stands for; `undefined` when it is none. */
function readEscape(found: RegExpExecArray): number | undefined {
  const [, percent, high, low, unit, point, byte, plain, hex, decimal, name] = found;
  if (high !== undefined && low !== undefined) {
    return 0x10000 + ((Number.parseInt(high, 16) & 0x3ff) << 10) + (Number.parseInt(low, 16) & 0x3ff);
  }
  const digits = percent ?? unit ?? point ?? byte ?? hex;
  if (digits !== undefined) return Number.parseInt(digits, 16);
  if (decimal !== undefined) return Number(decimal);
  if (plain !== undefined) return CONTROLS.includes(plain) ? 0 : plain.charCodeAt(0);
  return name === undefined ? undefined : ENTITIES.get(name)?.charCodeAt(0);
}

const SPACE = 0x20;
const PLUS = 0x2b;
const DELETE = 0x7f;

/** A reading that is being written, of a length known before. */
class Writing {
  readonly #bytes: Buffer;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  #length = 0;

  constructor(maxLength: number) {
    this.#bytes = Buffer.alloc(maxLength);
    this.#starts = new Uint32Array(maxLength);
    this.#ends = new Uint32Array(maxLength);
  }

  writeByte(byte: number, start: number, end: number): void {
    if (byte <= SPACE || byte === PLUS || byte === DELETE) return;
    this.#bytes[this.#length] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    this.#starts[this.#length] = start;
    this.#ends[this.#length] = end;
    this.#length += 1;
  }

  writeCode(code: number, start: number, end: number): void {
    if (code < 0x80) {
      this.writeByte(code, start, end);
      return;
    }
    // What is no character is written as Node writes it, of three bytes.
    const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    const character = Buffer.from(isCharacter ? String.fromCodePoint(code) : "\ufffd");
    const small = Buffer.from(character.toString().toLowerCase());
    // A few letters have a small form of more bytes, for which there is no room.
    for (const byte of small.length > character.length ? character : small) this.writeByte(byte, start, end);
  }

  finish(): Reading {
    const length = this.#length;
    return {
      text: this.#bytes.toString("latin1", 0, length),
      starts: this.#starts.subarray(0, length),
      ends: this.#ends.subarray(0, length),
    };
  }
}
