/** Tables of text: rows of values behind a row of names, as CSV (RFC 4180), TSV and Markdown have them. */
import { REDACTED } from "../categories.ts";
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import { NOTHING } from "./ordinary-words.ts";

const LONGEST_HEADER = 512;
/** Names between signs of one kind. Behind the comma of a sentence there is a space. */
const HEADER =
  /^(?:["']?[\w.-]{1,64}(?: [\w.-]{1,32}){0,2}["']?([,;\t])["']?[\w.-]{1,64}[\w.,;\t"' -]*|(?:\| ?| {1,2})?[\w.-][\w. -]{0,127}(\|)[\w. |-]*)\r?$/;
const SENTENCE = /[,;\t](?![A-Za-z0-9"'])/;
/** The last word of a name, or two of them as in `api key`. */
const NAME = /(?:[a-z]{3,14} key|[\w.-]{1,64})(?=["']?$)/i;
/** Under the names: `|---|---|`, `----+----`. */
const RULER = /^[-+|:= ]*$/;

/** True when a line ends early in the text, and does not begin as JSON or most sentences do. */
export function mayBeTable(text: string): boolean {
  const line = headerOf(text);
  return line !== undefined && SEPARATOR.test(line) && !OTHER.test(line);
}

const SEPARATOR = /[,;\t|]/;
const OTHER = /[{}()<>=[\]@%\\]/;

/** Looks at the text as a table whose first line has the names of its columns. */
export function findTable(text: string, names: NameRules, found: Spans): void {
  const header = headerOf(text);
  const shape = header === undefined ? null : HEADER.exec(header);
  const separator = shape?.[1] ?? shape?.[2];
  if (header === undefined || separator === undefined) return;
  if (separator === "|" ? !hasRuler(text, header.length + 1) : SENTENCE.test(header)) return;
  const kinds = header.split(separator).map((name) => names.kindOfName(NAME.exec(name.trimEnd())?.[0] ?? ""));
  if (!kinds.some((kind) => kind !== undefined)) return;
  let at = header.length + 1;
  while (at < text.length) at = findInRow(text, at, separator, kinds, found);
}

function hasRuler(text: string, from: number): boolean {
  const beginning = text.slice(from, from + LONGEST_HEADER);
  const end = beginning.indexOf("\n");
  const line = end < 0 ? beginning : beginning.slice(0, end);
  return /-[+|]-/.test(line) && RULER.test(line.trimEnd());
}

function headerOf(text: string): string | undefined {
  const beginning = text.slice(0, LONGEST_HEADER);
  const end = beginning.indexOf("\n");
  return end < 0 || end === text.length - 1 ? undefined : beginning.slice(0, end);
}

/** Behind the row that begins at `from`. One with more or fewer values than there are names is none of the table. */
function findInRow(
  text: string,
  from: number,
  separator: string,
  kinds: readonly (KeyKind | undefined)[],
  found: Spans,
): number {
  const cells: (readonly [start: number, end: number])[] = [];
  let at = from;
  for (;;) {
    const end = endOfCell(text, at, separator);
    if (cells.length <= kinds.length) cells.push([at, end]);
    at = end + 1;
    if (text.charAt(end) !== separator) break;
  }
  if (cells.length !== kinds.length || RULER.test(text.slice(from, at - 1))) return at;
  for (const [i, [start, end]] of cells.entries()) {
    const kind = kinds[i];
    if (kind !== undefined) addCell(text, start, end, kind, found);
  }
  return at;
}

function endOfCell(text: string, from: number, separator: string): number {
  let at = from;
  while (text.charAt(at) === " ") at++;
  const isQuoted = text.charAt(at) === '"';
  let isOpen = isQuoted;
  if (isOpen) at++;
  for (; at < text.length; at++) {
    const character = text.charAt(at);
    if (isQuoted && character === '"') isOpen = !isOpen;
    else if (!isOpen && (character === separator || character === "\n")) break;
  }
  return at;
}

function addCell(text: string, from: number, to: number, kind: KeyKind, found: Spans): void {
  let start = from;
  let end = to;
  while (start < end && " \t\"'".includes(text.charAt(start))) start++;
  while (end > start && " \t\r\"'".includes(text.charAt(end - 1))) end--;
  const value = text.slice(start, end);
  if (value !== "" && value !== REDACTED && !NOTHING.has(value.toLowerCase())) found.add(start, end, kind);
}
