/**
 * Texts that show changes, as diff, git and kubectl print them, with marks where lines begin, or Terraform, with marks in
 * front of what stands in them. Each is searched as it was before the changes and as it is behind them: there, lines that
 * belong together follow each other again.
 */
import type { Folded } from "./fold.ts";

const DIFF = /^(?:@@ -\d|\+|-(?: {2,}|\t)\S)/m;
const PLAN = /^[ \t]+[+~] \S|-> null$/m;
/** What a line begins with that was added, removed or changed. */
const DIFF_MARK = /[+-]/y;
const PLAN_MARK = /[ \t]*(?:-\/\+|\+\/-|[+~-])(?= \S)/y;
/** What stands in front of the name of a text of several lines in a plan; what is said behind it names no other. */
const HEREDOC =
  /^([ \t]*(?:(?:-\/\+|\+\/-|[+~-]) )?)(?:\S.{0,256})?<<[-~]?[A-Za-z]\w{0,31}(?: # [^<]{0,256})?$/;
/** Its lines stand four columns behind its name, and their marks two; the word that ends it stands below the name. */
const HEREDOC_MARK_COLUMN = 2;

/** The mark of the line that stands between `start` and `end`, with the blanks in front of it; lines are asked for in their order. */
type MarkOf = (start: number, end: number) => string;

/** The text before and behind the changes that it shows, each where that is another text; none when it shows none. */
export function readVersions(text: string): readonly Folded[] {
  if (!text.includes("\n")) return [];
  const readers = [
    ...(DIFF.test(text) ? [() => diffMarks(text)] : []),
    ...(PLAN.test(text) ? [() => planMarks(text)] : []),
  ];
  const versions = readers.flatMap((marks) => ["+", "-"].map((left) => readVersion(text, marks(), left)));
  return versions.filter((version) => version.text !== text);
}

function diffMarks(text: string): MarkOf {
  return (start) => matchAt(DIFF_MARK, text, start);
}

/** Within a text of several lines, a hyphen is a mark in the column of marks alone: elsewhere it is of the text. */
function planMarks(text: string): MarkOf {
  let column = -1;
  return (start, end) => {
    const line = text.slice(start, end).trimEnd();
    if (line !== "" && line.length - line.trimStart().length < column) column = -1;
    if (column >= 0) return markInColumn(line, column);
    const name = line.includes("<<") ? HEREDOC.exec(line)?.[1] : undefined;
    if (name !== undefined) column = name.length + HEREDOC_MARK_COLUMN;
    return matchAt(PLAN_MARK, text, start);
  };
}

function markInColumn(line: string, column: number): string {
  const mark = line.slice(0, column + 1);
  return line.charAt(column + 1) === " " && /^ *[+-]$/.test(mark) ? mark : "";
}

function matchAt(form: RegExp, text: string, at: number): string {
  form.lastIndex = at;
  return form.exec(text)?.[0] ?? "";
}

/** The text without the lines that have this mark, and with blanks in the place of all other marks. */
function readVersion(text: string, markOf: MarkOf, left: string): Folded {
  const starts = new Int32Array(text.length);
  const lines: string[] = [];
  let length = 0;
  for (let at = 0; at < text.length; ) {
    const newLine = text.indexOf("\n", at);
    const end = newLine < 0 ? text.length : newLine + 1;
    const mark = markOf(at, end);
    if (mark.trimStart() !== left) {
      lines.push(" ".repeat(mark.length), text.slice(at + mark.length, end));
      for (let from = at; from < end; from++) starts[length++] = from;
    }
    at = end;
  }
  const kept = starts.subarray(0, length);
  return { text: lines.join(""), starts: kept, ends: kept.map((start) => start + 1), sequences: [] };
}
