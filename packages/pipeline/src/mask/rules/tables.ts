/** Tables of text: rows of values behind a row of names, as CSV (RFC 4180), TSV and Markdown have them. */
import { REDACTED } from "../categories.ts";
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import { NOTHING } from "./ordinary-words.ts";

const LONGEST_HEADER = 4_096;
/** Not in a name of a column. */
const OTHER = /[{}<>=@\\:!]/;
const SEPARATOR = /[,;\t|]/;
const WORD = String.raw`[\p{L}\p{M}\p{N}_.#%&/-]{1,64}`;
/** A few words, and what is said of them: `amount (EUR)`, `Password [Required]`. */
const NAME: RegExp = new RegExp(
  String.raw`^["']?(?<name>${WORD}(?: ${WORD}){0,5})(?: ?\([^()[\]]{1,32}\)| ?\[[^()[\]]{1,32}\])?[?*]?["']?$`,
  "u",
);
/** In the first names of a sentence there are more words. */
const FEW_WORDS = /^\S+(?: \S+){0,2}$/;
/** The last word of a name, or two of them as in `api key`. */
const LAST_WORDS = /(?:[a-z]{3,14} key|[\p{L}\p{M}\p{N}_.-]{1,64})$/iu;
/** Under the names, and around a table that is drawn: `|---|---|`, `| :--- |`, `+-----+----+`. */
const RULER = /^[-+|:= ]*$/;
const RULED = /-[+|]-|---.*[+|]|[+|].*---/;

/** True when a line ends early in the text, and does not begin as JSON or most sentences do. */
export function mayBeTable(text: string): boolean {
  const line = headerOf(text)?.line;
  return line !== undefined && SEPARATOR.test(line) && !OTHER.test(line);
}

/** Looks at the text as a table whose first line has the names of its columns. */
export function findTable(text: string, names: NameRules, found: Spans): void {
  const header = headerOf(text);
  const separator = header === undefined ? undefined : SEPARATOR.exec(header.line)?.[0];
  if (header === undefined || separator === undefined) return;
  const isRuled = separator === "|";
  if (isRuled && !isRuler(lineFrom(text, header.behind) ?? "")) return;
  const columns = header.line.split(separator);
  const kinds = isRuled || mayBeNames(columns) ? columns.map((column) => kindOfColumn(column, names)) : [];
  if (!kinds.some((kind) => kind !== undefined)) return;
  let at = header.behind;
  while (at < text.length) at = findInRow(text, at, separator, kinds, found);
}

/** True for names as a table has them. Behind the comma of a sentence there is a space, and in it there are words. */
function mayBeNames(columns: readonly string[]): boolean {
  const isSpaced = columns.slice(1).some((column) => column.startsWith(" "));
  return columns.every((column, i) => {
    const name = column.trim();
    if (isSpaced) return SINGLE.test(name) && (i === 0 || column.startsWith(" "));
    return name === "" || (NAME.test(name) && (i > 0 || FEW_WORDS.test(name)));
  });
}

const SINGLE = /^["']?[\p{L}\p{M}\p{N}_.-]{1,64}["']?$/u;

function kindOfColumn(column: string, names: NameRules): KeyKind | undefined {
  const name = NAME.exec(column.trim())?.groups?.["name"] ?? "";
  return names.kindOfName(LAST_WORDS.exec(name)?.[0] ?? "");
}

function isRuler(line: string): boolean {
  return RULED.test(line) && RULER.test(line.trimEnd());
}

interface Header {
  readonly line: string;
  /** Where the next line begins. */
  readonly behind: number;
}

/** The first line, or the one behind a line that is drawn. */
function headerOf(text: string): Header | undefined {
  const first = lineFrom(text, 0);
  if (first === undefined) return undefined;
  const from = first.startsWith("+-") && isRuler(first) ? first.length + 1 : 0;
  const line = from === 0 ? first : lineFrom(text, from);
  if (line === undefined || from + line.length === text.length - 1) return undefined;
  return { line, behind: from + line.length + 1 };
}

/** The line that begins at `from`; `undefined` when it is too long for one of names, or nothing follows it. */
function lineFrom(text: string, from: number): string | undefined {
  const beginning = text.slice(from, from + LONGEST_HEADER);
  const end = beginning.indexOf("\n");
  return end < 0 ? undefined : beginning.slice(0, end);
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
