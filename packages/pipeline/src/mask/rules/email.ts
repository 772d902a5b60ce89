/** E-mail addresses: RFC 5322 `addr-spec`, bounded as RFC 5321 bounds it; letters beyond ASCII as in RFC 6531. */
import { ALNUM, ATEXT_MARK, classOf, DASH, DIGIT, LETTER } from "../characters.ts";
import type { Spans } from "../spans.ts";

const MAX_LOCAL = 64;
const MAX_DOMAIN = 255;
const LOCAL: number = ALNUM | DASH | ATEXT_MARK;
const QUOTE = 34;
const DOT = 46;
const HYPHEN = 45;
const SLASH = 47;
const COLON = 58;
const EQUALS = 61;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;
const BACKSLASH = 92;

/** Looks at the address around the `@` at `at`. */
export function findEmail(text: string, at: number, found: Spans): void {
  const end = endOfDomain(text, at + 1);
  if (end < 0) return;
  const start = text.charCodeAt(at - 1) === QUOTE ? startOfQuoted(text, at - 1) : startOfLocal(text, at);
  if (start < 0 || start >= at || isEscape(text, start, at) || isFileOrRepository(text, start, at, end))
    return;
  found.add(start, end, "email");
}

const ESCAPE = /^(?:[bfnrt]|u[\da-fA-F]{4})$/;

/** True for what is the letter of an escape, as of the line's end in front of a decorator: `\n@app.route`. */
function isEscape(text: string, start: number, at: number): boolean {
  return isEscaped(text, start) && ESCAPE.test(text.slice(start, Math.min(at, start + 6)));
}

/** True behind an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (from > at - MAX_LOCAL && text.charCodeAt(from - 1) === BACKSLASH) from--;
  return (at - from) % 2 === 1;
}

/** `logo@2x.png`: the picture for a screen of so many pixels. */
const RETINA = /^@\d(?:\.\d)?x\.[a-z]{3,4}$/i;
/** Endings of files that are no top-level domains. */
const FILE =
  /\.(?:js|ts|mjs|cjs|jsx|tsx|json|css|scss|html?|ya?ml|xml|png|jpe?g|gif|svg|webp|avif|ico|pdf|tgz|gz|log|txt|conf|cfg|ini|toml|lock|jar|dll|exe)$/i;

/** Endings of systemd's units, an instance of which has an `@` in its name: `getty@tty1.service`. */
const UNIT = /\.(?:service|socket|timer|mount|automount|swap|slice|scope|target|path|device)$/;

function isOfFile(ending: string): boolean {
  return FILE.test(ending) || UNIT.test(ending);
}

/** True for what an `@` joins otherwise: a file's name, `git@github.com:acme/app.git`, `ssh://git@host`. */
function isFileOrRepository(text: string, start: number, at: number, end: number): boolean {
  const domain = text.slice(at, end);
  if (RETINA.test(domain)) return true;
  if (text.slice(start, at) !== "git") return false;
  const behind = text.charCodeAt(end);
  return behind === COLON || behind === SLASH || text.startsWith("//", start - 2);
}

/** The local part as far as it goes; what stands before `=` or another mark that links use is not part of it. */
function startOfLocal(text: string, at: number): number {
  const limit = Math.max(0, at - MAX_LOCAL);
  let start = at;
  // These end a local part, and nothing else ends in front of an address with them.
  while (start > limit && isEnding(text.charCodeAt(start - 1))) start--;
  const isFarScript = isFar(text.charCodeAt(start - 1));
  const ending = start;
  while (start > limit) {
    const code = text.charCodeAt(start - 1);
    const fits =
      (classOf(code) & LOCAL) !== 0 || code === DOT || isNear(code) || (isFarScript && isFar(code));
    if (!fits) break;
    start--;
  }
  // Behind a space they are a mark of the text's.
  if (start === ending) return at;
  if (text.charCodeAt(start - 1) === OPENING_BRACE && text.charCodeAt(ending) === CLOSING_BRACE)
    return startOfAtoms(text, start - 1, limit);
  if (text.charCodeAt(start - 1) === EQUALS && DOMAIN.test(text.slice(start, at))) {
    const returned = startOfAtoms(text, start - 1, limit);
    if (returned < start - 1) start = returned;
  }
  // Quotes and dots in front belong to the sentence.
  while (
    start < at &&
    (classOf(text.charCodeAt(start)) & (ALNUM | DASH)) === 0 &&
    isEdge(text.charCodeAt(start))
  )
    start++;
  return start;
}

/** `|`, `&`, `?`, `{` and `}` */
function isEnding(code: number): boolean {
  return code === 124 || code === 38 || code === 63 || code === OPENING_BRACE || code === CLOSING_BRACE;
}

/** The domain of an address that is written into another's local part: `jane=acme.com@bounces.acme.io`. */
const DOMAIN =
  /[a-z0-9]\.(?:com|net|org|edu|gov|info|biz|io|dev|app|co|eu|uk|us|ca|au|de|at|ch|fr|es|it|nl|be|se|no|dk|fi|pl|br|jp|in)$/i;

/** The place behind the last character before `from` that is none of ASCII that a local part has. */
function startOfAtoms(text: string, from: number, limit: number): number {
  let start = from;
  while (start > limit) {
    const code = text.charCodeAt(start - 1);
    if ((classOf(code) & LOCAL) === 0 && code !== DOT) break;
    start--;
  }
  return start;
}

/** `'`, `.`, `*` and a backtick: in front of an address they are punctuation. */
function isEdge(code: number): boolean {
  return code === 39 || code === DOT || code === 42 || code === 96;
}

/** The quotes of a text within another's are escaped, both of them. */
function startOfQuoted(text: string, closing: number): number {
  const isInner = isEscaped(text, closing);
  if (text.charCodeAt(closing - 1) === QUOTE) return -1;
  const limit = Math.max(0, closing - MAX_LOCAL);
  for (let at = closing - 1; at >= limit; at--) {
    const code = text.charCodeAt(at);
    if (code === QUOTE && isEscaped(text, at) === isInner) return at;
    if (code === QUOTE && isInner) return -1;
    if (code === 10 || code === 13) return -1;
  }
  return -1;
}

/** Behind the domain that begins at `from`; -1 when there is none. */
function endOfDomain(text: string, from: number): number {
  if (text.charCodeAt(from) === 91) return endOfLiteral(text, from);
  const limit = Math.min(text.length, from + MAX_DOMAIN);
  const isFarScript = isFar(text.charCodeAt(from));
  let at = from;
  let labelStart = from;
  /** Behind the last label that may be a top-level domain. */
  let end = -1;
  let labels = 0;
  let numeric = 0;
  for (;;) {
    const code = at < limit ? text.charCodeAt(at) : Number.NaN;
    const fits =
      (classOf(code) & ALNUM) !== 0 || code === HYPHEN || isNear(code) || (isFarScript && isFar(code));
    if (fits) {
      at++;
      continue;
    }
    if (at === labelStart || text.charCodeAt(labelStart) === HYPHEN) break;
    labels++;
    if (numeric === labels - 1 && isNumeric(text, labelStart, at)) numeric++;
    const last = labels > 1 ? endOfTopLevel(text, labelStart, at) : -1;
    if (last >= 0 && !isOfFile(text.slice(labelStart - 1, last))) end = last;
    if (code !== DOT) break;
    labelStart = ++at;
  }
  // `package@1.2.3-rc.one` is a version: its first two labels are numbers.
  return numeric >= 2 ? -1 : end;
}

const LITERAL = /^\[(?:IPv6:[0-9a-f:.]{2,45}|\d{1,3}(?:\.\d{1,3}){3})\]/i;

function endOfLiteral(text: string, from: number): number {
  const match = LITERAL.exec(text.slice(from, from + 64));
  return match === null ? -1 : from + match[0].length;
}

const MAX_LABEL = 63;

/**
 * Behind the top-level domain that a label is or begins with: two letters or more, or an encoded name (`xn--`); -1
 * when it does not. A hyphen or digit behind the letters is no part of the address: `a@b.com->c`, `a@b.com-1`.
 */
function endOfTopLevel(text: string, start: number, end: number): number {
  if (text.startsWith("xn--", start)) return end - start <= MAX_LABEL ? end : -1;
  let at = start;
  while (at < end) {
    const code = text.charCodeAt(at);
    if ((classOf(code) & LETTER) === 0 && code < 128) break;
    at++;
  }
  return at - start >= 2 && at - start <= MAX_LABEL ? at : -1;
}

function isNumeric(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if ((classOf(text.charCodeAt(i)) & DIGIT) === 0) return false;
  }
  return true;
}

/** Latin letters with marks, which stand among ASCII letters. */
function isNear(code: number): boolean {
  return code >= 0xc0 && code < 0x250 && code !== 0xd7 && code !== 0xf7;
}

/** Letters of other scripts. A sentence in one of them may stand before an ASCII address without a space. */
function isFar(code: number): boolean {
  if (code < 0x250 || (code >= 0x2000 && code < 0x2c00) || (code >= 0x3000 && code < 0x3040)) return false;
  return code < 0xd800 || (code >= 0xf900 && code < 0xfe00);
}
