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

/** The text before and behind the changes that it shows, each where that is another text; none when it shows none. */
export function readVersions(text: string): readonly Folded[] {
  if (!text.includes("\n")) return [];
  const mark = DIFF.test(text) ? DIFF_MARK : PLAN.test(text) ? PLAN_MARK : undefined;
  if (mark === undefined) return [];
  return ["+", "-"].map((left) => readVersion(text, mark, left)).filter((version) => version.text !== text);
}

/** The text without the lines that have this mark, and with blanks in the place of all other marks. */
function readVersion(text: string, form: RegExp, left: string): Folded {
  const starts = new Int32Array(text.length);
  const lines: string[] = [];
  let length = 0;
  for (let at = 0; at < text.length; ) {
    const newLine = text.indexOf("\n", at);
    const end = newLine < 0 ? text.length : newLine + 1;
    form.lastIndex = at;
    const mark = form.exec(text)?.[0] ?? "";
    if (mark.trimStart() !== left) {
      lines.push(" ".repeat(mark.length), text.slice(at + mark.length, end));
      for (let from = at; from < end; from++) starts[length++] = from;
    }
    at = end;
  }
  const kept = starts.subarray(0, length);
  return { text: lines.join(""), starts: kept, ends: kept.map((start) => start + 1), sequences: [] };
}
