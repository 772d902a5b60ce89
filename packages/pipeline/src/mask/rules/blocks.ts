/**
 * Values as YAML writes them: blocks of lines, and values with a tag or an anchor in front (YAML 1.2.2, sections 8.1 and
 * 6.9); and lines up to a word of their own, as Terraform, Ruby and shells have them.
 */
import { REDACTED } from "../categories.ts";
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import type { Reach } from "./reach.ts";

const HEREDOC = /^<<[-~<]?["']?([A-Za-z_]\w{0,31})["']?[ \t]{0,4}\r?\n[ \t]{0,200}/;
const LONGEST_HEREDOC = 256;
const HEADER = /^[|>][+-]?\d?[+-]? {0,4}\r?\n( {1,64})(?=\S)/;
const LONGEST_HEADER = 80;
const EMPTY = /^\r?\n/;
const LINES = "<\n\t";
const PIPE = 124;
const GREATER = 62;
const LESS = 60;

/** Looks at the block whose header begins at `start`: all lines behind it that stand as far in as the first. */
export function findBlock(text: string, start: number, kind: KeyKind, reach: Reach, found: Spans): boolean {
  const code = text.charCodeAt(start);
  if (code === LESS)
    return findLines(text, start, kind, reach, found) || findHeredoc(text, start, kind, reach, found);
  if (code !== PIPE && code !== GREATER) return false;
  const header = HEADER.exec(text.slice(start, start + LONGEST_HEADER));
  if (header === null) return false;
  const from = start + header[0].length;
  if (text.startsWith(REDACTED, from) || from < reach.block) return true;
  const indent = header[1] ?? "";
  let end = endOfLine(text, from);
  for (let next = end; next < text.length; ) {
    const isWithin = text.startsWith(indent, next + 1);
    // Empty lines belong to the block where more of it follows.
    if (!isWithin && !EMPTY.test(text.slice(next + 1, next + 3))) break;
    next = endOfLine(text, next + 1);
    if (isWithin) end = next;
  }
  reach.block = end;
  found.add(from, end, kind);
  return true;
}

/** Looks at the lines that klog prints of a text, between `<` and ` >`. */
function findLines(text: string, start: number, kind: KeyKind, reach: Reach, found: Spans): boolean {
  if (!text.startsWith(LINES, start)) return false;
  const from = start + LINES.length;
  if (text.startsWith(REDACTED, from) || from < reach.block) return true;
  const close = text.indexOf("\n >", from);
  reach.block = close < 0 ? text.length : close;
  if (reach.block > from) found.add(from, reach.block, kind);
  return true;
}

/** Looks at the lines behind `<<-EOT`, up to the one that begins with that word. */
function findHeredoc(text: string, start: number, kind: KeyKind, reach: Reach, found: Spans): boolean {
  const header = HEREDOC.exec(text.slice(start, start + LONGEST_HEREDOC));
  if (header === null) return false;
  const from = start + header[0].length;
  if (text.startsWith(REDACTED, from) || from < reach.block) return true;
  let end = from;
  for (let next = from; next < text.length; next = end + 1) {
    if (
      text
        .slice(next, next + LONGEST_HEREDOC)
        .trimStart()
        .startsWith(header[1] ?? "")
    )
      break;
    end = endOfLine(text, next);
  }
  reach.block = end;
  if (end > from) found.add(from, end, kind);
  return true;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

const PROPERTY =
  /^(?:(?:!{1,2}[\w:.-]{0,40}|&[\w-]{1,40}) {1,3}|<\*{1,4}>(?:\(0x[0-9a-f]{1,16}(?:->0x[0-9a-f]{1,16})?\))?)(?=[^\s])/;
const LONGEST_PROPERTY = 64;

/**
 * The length of a tag or anchor in front of a value, with the space behind it: `!!str x`, `&anchor x`; of a pointer as Go's
 * spew has it, `<*>(0xc000014070)x`; 0 when there is none.
 */
export function lengthOfProperty(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (code !== 33 && code !== 38 && code !== LESS) return 0;
  return PROPERTY.exec(text.slice(start, start + LONGEST_PROPERTY))?.[0].length ?? 0;
}
