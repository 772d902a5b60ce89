/** Names and values that tags of HTML set apart: cells of one row, a label in bold, the attributes of `meta`. */
import { REDACTED } from "../categories.ts";
import type { Spans } from "../spans.ts";
import { endsName, type NameRules } from "./names.ts";
import { isOrdinary } from "./ordinary-words.ts";

const SLASH = 47;
const LESS = 60;
const SPACE = 32;
/** `</td>`, `</th>`, `</dt>` */
const LENGTH_OF_END = 4;

/** Where the name would end in front of the tag that ends a cell with the `>` at `at`; -1 when that is none. */
function endOfCell(text: string, at: number): number {
  const open = at - LENGTH_OF_END;
  if (text.charCodeAt(open) !== LESS || text.charCodeAt(open + 1) !== SLASH) return -1;
  return text.charCodeAt(open - 1) === SPACE ? open - 1 : open;
}

/** True when the `>` at `at` may be that of a cell with the name of a secret. */
export function endsNamedCell(text: string, at: number, names: NameRules): boolean {
  const end = endOfCell(text, at);
  return end > 0 && endsName(text, end, names.endings);
}

const NAME = /<(?:t[dh]|dt)(?: [^<>]{0,64})?>\s{0,8}(?:<(?:b|strong|code)>)?([\w.-]{1,64})$/i;
const SEEN = 160;
/** The tags up to the value, in the same row. */
const VALUE =
  /^<\/(?:t[dh]|dt)>\s{0,64}<(?:td|dd)(?: [^<>]{0,64})?>\s{0,16}(?:<(?:pre|code|b|span|i|em)(?: [^<>]{0,64})?>\s{0,16}){0,2}([^<>]{1,256})(?=<|$)/i;
const LONGEST = 640;
/** Quotes, as a page has them. */
const QUOTES = /&(?:#x27|#39|quot|apos);/gi;

/** Looks at the cell whose end tag ends with the `>` at `at`: `<td>SECRET_KEY</td><td>x</td>`. Several words say something of the name. */
export function findCell(text: string, at: number, names: NameRules, found: Spans): void {
  const nameEnd = endOfCell(text, at);
  const name = NAME.exec(text.slice(Math.max(0, nameEnd - SEEN), nameEnd))?.[1];
  const kind = name === undefined ? undefined : names.kindOfName(name);
  if (kind === undefined) return;
  const open = at - LENGTH_OF_END;
  const [whole = "", cell = ""] = VALUE.exec(text.slice(open, open + LONGEST)) ?? [];
  const value = cell.trimEnd();
  const word = value.replace(QUOTES, "");
  if (word === "" || word === REDACTED || /\s/.test(word)) return;
  if (isOrdinary(word, word.length, { start: 0, kind, isPlain: true })) return;
  const start = open + whole.length - cell.length;
  found.add(start, start + value.length, kind);
}

/** Behind the colon of a label: its end tag, and the beginning of what has the value, or that alone. */
const LABEL_END =
  /(?:(?:[ \t]?<\/[a-z][a-z0-9]{0,9}>){1,3}(?:\s{0,64}<(?:td|dd|b|strong|i|em|span|code|pre|tt|font|p|div)(?: [^<>]{0,64})?>){0,2}|(?:<(?:b|strong|i|em|span|code|tt|font)(?: [^<>]{0,64})?>){1,2}(?=[^<>\r\n]{1,256}<\/))[ \t]{0,16}/iy;

/** Behind the tags at `start` that end a label, `<b>Password:</b> x`, or begin its value; `start` when there are none. */
export function behindLabel(text: string, start: number): number {
  if (text.charCodeAt(start) !== LESS) return start;
  LABEL_END.lastIndex = start;
  return LABEL_END.exec(text) === null ? start : LABEL_END.lastIndex;
}

const CONTENT = /^["'] content=["']([^"'<>]{1,512})["']/i;
const LONGEST_CONTENT = 528;
const META = /<meta name=["']([\w.-]{1,64})$/i;
const SEEN_OF_META = 80;

/** True when the attribute `content` follows the quote at `quote`. */
export function isBeforeContent(text: string, quote: number): boolean {
  return text.charCodeAt(quote + 1) === SPACE && text.startsWith("content", quote + 2);
}

/** Looks at the name that ends with the quote at `quote`: `<meta name="csrf-token" content="x">`. */
export function findContent(text: string, quote: number, names: NameRules, found: Spans): void {
  const name = META.exec(text.slice(Math.max(0, quote - SEEN_OF_META), quote))?.[1];
  const kind = name === undefined ? undefined : names.kindOfName(name);
  if (kind === undefined) return;
  const content = CONTENT.exec(text.slice(quote, quote + LONGEST_CONTENT));
  if (content === null || content[1] === REDACTED) return;
  const start = quote + content[0].length - (content[1]?.length ?? 0) - 1;
  found.add(start, quote + content[0].length - 1, kind);
}
