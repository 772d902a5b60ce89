import type { FilePlace } from "./issue.ts";

/** Offsets into a file's text, the end not included. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A file's text, and what of it may be shown: nothing, until somebody knows that it is no secret. */
export interface Source {
  readonly file: string;
  readonly text: string;
  /** One for each UTF-16 unit of the text: 1 where it may be shown. */
  readonly shown: Uint8Array;
}

const LONGEST_SHOWN = 160;
/** How much of a line is looked at on each side of the place. */
const WINDOW = 1_000;
const MASK = "***";

/** A text of which nothing is shown yet. */
export function createSource(file: string, text: string): Source {
  return { file, text, shown: new Uint8Array(text.length) };
}

/** What stands in the range is no secret. */
export function showRange({ shown }: Source, { start, end }: TextRange): void {
  shown.fill(1, start, end);
}

/** What an URL holds beside scheme, host and path: a user's name and password, a query with its keys. */
const URL_SECRETS = /(?<=:\/\/)[^/@\s"']+(?=@)|(?<=:\/\/[^\s"'?]*\?)[^\s"'#]+/g;

/** Shows a text that is written to be read, as a policy is, but for what an URL in it holds. */
export function showAll(source: Source): void {
  source.shown.fill(1);
  for (const { 0: secret, index } of source.text.matchAll(URL_SECRETS)) {
    source.shown.fill(0, index, index + secret.length);
  }
}

/** The place of a range in its file, with the line fit to be shown: `***` stands for all that is not. */
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

function maskLine({ text, shown }: Source, lineStart: number, lineEnd: number): MaskedLine {
  const line = text.slice(lineStart, lineEnd).replace(/\r$/, "");
  let masked = "";
  let hiding = false;
  const positions: number[] = [];
  for (let i = 0; i < line.length; i++) {
    const hidden = shown[lineStart + i] !== 1;
    const continued = hidden && hiding;
    positions.push(continued ? masked.length - MASK.length : masked.length);
    if (!continued) masked += hidden ? MASK : printable(line.charAt(i));
    hiding = hidden;
  }
  return { text: masked, position: (offset) => positions[offset - lineStart] ?? masked.length };
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
