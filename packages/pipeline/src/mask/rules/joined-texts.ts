/** Texts in quotes that are one value: the pieces of a long one, and the value behind an old one. */

/** In front of the new value, as a plan of Terraform's or Pulumi's shows it: `"old" -> "new"`, `"old" => "new"`. */
const CHANGED = /^(["']) [-=]> (?=\1)/;
/** Joined by a sign, as Node and programs have them, or in lines below each other, as Python's; each has the quotes that suit it. */
const PIECE = /^["']( ?\+)?[ \t]{0,4}\r?\n([ \t]{0,128}[bfru]{0,2})(?=["'])/i;
const LONGEST_GAP = 144;
/** In front of a text at the beginning of its line, or behind the name of the value. */
const SEEN_OF_LINE = 256;

/** Where the text begins that goes on with the one from `opening` to the quote at `end`; -1 when none does. */
export function startOfNext(text: string, opening: number, end: number): number {
  const ahead = text.slice(end, end + LONGEST_GAP);
  const changed = CHANGED.exec(ahead);
  if (changed !== null) return end + changed[0].length;
  const piece = PIECE.exec(ahead);
  if (piece === null) return -1;
  const [gap, plus, indent = ""] = piece;
  const isPiece = plus !== undefined || indent.length === columnOf(text, opening);
  return isPiece ? end + gap.length : -1;
}

/** How far in its line a place is. */
function columnOf(text: string, at: number): number {
  const near = text.slice(Math.max(0, at - SEEN_OF_LINE), at);
  return near.length - near.lastIndexOf("\n") - 1;
}
