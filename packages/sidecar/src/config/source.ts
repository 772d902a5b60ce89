import type { FilePlace } from "./issue.ts";

/** Offsets into a file's text, the end not included. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A configuration file's text, and what of it may be shown. */
export interface Source {
  readonly file: string;
  readonly text: string;
  /** Never shown: secrets, and values under keys that are not known (a misspelt `password` is a password). */
  readonly hidden: TextRange[];
}

const LONGEST_SHOWN = 160;
/** How much of a line is looked at on each side of the place. */
const WINDOW = 1_000;
const MASK = "***";

/** What an URL holds beside scheme, host and path: a user's name and password, a query with its keys. */
const URL_SECRETS = /(?<=:\/\/)[^/@\s"']+(?=@)|(?<=:\/\/[^\s"'?]*\?)[^\s"'#]+/g;

/** The place of a range in its file, with the line fit to be shown. */
export function locate(source: Source, range: TextRange): FilePlace {
  const { text, file } = source;
  const from = Math.min(range.start, text.length);
  const lineStart = text.lastIndexOf("\n", from - 1) + 1;
  const nextBreak = text.indexOf("\n", from);
  const lineEnd = nextBreak === -1 ? text.length : nextBreak;
  const line = countBreaks(text, lineStart) + 1;
  const shown = maskLine(source, Math.max(lineStart, from - WINDOW), Math.min(lineEnd, from + WINDOW));
  const mark = shown.position(from);
  const until = shown.position(Math.min(Math.max(range.end, from), lineEnd));
  const cut = shown.text.length <= LONGEST_SHOWN ? 0 : Math.max(0, mark - LONGEST_SHOWN / 2);
  const visible = shown.text.slice(cut, cut + LONGEST_SHOWN);
  return {
    kind: "file",
    file,
    line,
    column: from - lineStart + 1,
    width: Math.max(1, Math.min(until - mark, visible.length - (mark - cut))),
    text: visible,
    mark: mark - cut,
  };
}

interface MaskedLine {
  readonly text: string;
  /** Where an offset of the file stands in the masked text. */
  position(offset: number): number;
}

function maskLine({ text, hidden }: Source, lineStart: number, lineEnd: number): MaskedLine {
  const line = text.slice(lineStart, lineEnd).replace(/\r$/, "");
  const ranges = hidden.filter(({ start, end }) => start < lineEnd && end > lineStart);
  for (const match of line.matchAll(URL_SECRETS)) {
    const start = lineStart + match.index;
    ranges.push({ start, end: start + match[0].length });
  }
  let shown = "";
  const positions: number[] = [];
  for (let i = 0; i <= line.length; i++) {
    const offset = lineStart + i;
    const covered = i < line.length && ranges.some(({ start, end }) => start <= offset && offset < end);
    const continued = covered && shown.endsWith(MASK);
    positions.push(continued ? shown.length - MASK.length : shown.length);
    if (i === line.length || continued) continue;
    shown += covered ? MASK : printable(line.charAt(i));
  }
  return { text: shown, position: (offset) => positions[offset - lineStart] ?? shown.length };
}

/** A file is not trusted with the terminal: what moves its cursor becomes `?`. */
function printable(character: string): string {
  return character === "\t" || !/[\p{Cc}\p{Cf}]/u.test(character) ? character : "?";
}

function countBreaks(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < end; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
