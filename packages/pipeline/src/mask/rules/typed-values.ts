/**
 * Lists and objects with what they are in front of their bracket, as PHP, Go, Node and Elixir print them: `array(1) {`,
 * `Array\n(`, `[]interface {}{"x"}`, `([]uint8) (len=2 cap=2) {`, `Map(1) {`, `%App.Token{`.
 */
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import { isQuote } from "./names.ts";
import type { Reach } from "./reach.ts";

const STRUCT = String.raw`struct ?\{(?:[^{}\n]|\{[^{}\n]{0,128}\}){0,256}\}`;
const INTERFACE = String.raw`interface ?\{\}`;
/** What stands in front of the type of the parts: `[]`, `map[string]`, `*`. */
const GO_LIST = String.raw`(?:\[\d{0,9}\]|map\[(?:${INTERFACE}|[\w./*]{1,64})\]|\*)`;
/** A type of Go's. */
export const GO_TYPE: string = String.raw`${GO_LIST}{0,6}(?:${INTERFACE}|${STRUCT}|[A-Za-z][\w./]{0,63})`;
/** Where a pointer points to, and how long a list is, as spew has them behind a type. */
export const GO_POINTER: string = String.raw`(?:\(0x[0-9a-f]{1,16}(?:->0x[0-9a-f]{1,16}){0,4}\) ?)?`;
export const GO_LENGTH: string = String.raw`(?:\(len=\d{1,9}(?: cap=\d{1,9})?\) ?)`;

/** In front of a text in Rust, where it is a type: `token: &[u8]`. */
const RUST_LIST = String.raw`\[&?(?:[iu](?:8|16|32|64|128|size)|f32|f64|str|char|bool|[A-Z]\w{0,31})(?:; ?\w{1,32})?\]`;

const NODE_NAME = String.raw`[A-Z_$][\w$]{0,63}`;
const NODE_LENGTH = String.raw`\(\d{1,9}\)`;
/** `[Object: null prototype]`, `[Function (anonymous)]`, `[class A extends B]`, `[Map Entries]` */
const NODE_MARK = String.raw`\[(?:class |Arguments|${NODE_NAME}(?:${NODE_LENGTH})?(?:: | \(| Iterator| Entries))[^\]\n]{0,128}\]`;
const NODE_PROTOTYPE = String.raw`<(?:Complex prototype|\[Object: null prototype\] \{[^{}\n]{0,64}\})>`;
/** More about it, in front of the bracket: its class, and what it says that it is. */
const NODE_REST = String.raw`(?:${NODE_NAME} )?(?:\[[\w .]{1,64}\] )?(?=[{[][\s\]}])`;

const PHP_NAME = String.raw`[\w\\@:$-]{1,128}`;
const TYPES: readonly string[] = [
  // Values of Go's language; a name alone may be a word.
  String.raw`&?(?=\[|map\[|interface|struct)${GO_TYPE}(?:\{\})?(?=\{)`,
  String.raw`&?map(?=\[[^\s\][:]{1,64}:)`,
  `&(?=[{[])(?!${RUST_LIST})`,
  String.raw`[&*]{0,2}\(${GO_TYPE}\) ?${GO_POINTER}\(?${GO_LENGTH}?(?=\{)`,
  String.raw`\(${GO_TYPE}\)(?:map)?(?=\[)`,
  // util.inspect.
  String.raw`<ref \*\d{1,9}> (?:${NODE_MARK} |${NODE_NAME}${NODE_LENGTH} )?${NODE_REST}`,
  `(?:${NODE_MARK}|${NODE_NAME}${NODE_LENGTH}|${NODE_NAME} ${NODE_PROTOTYPE}) ${NODE_REST}`,
  String.raw`${NODE_NAME} \[[\w .]{1,64}\] (?=\{[\s}])`,
  // Maps and structs of Elixir's; what is in a template has one word alone.
  String.raw`%(?:[A-Z][\w.]{0,127})?(?=\{)(?!\{[^\s{}"']{0,64}\})`,
  // print_r, var_dump, var_export, Xdebug and Symfony's dump.
  String.raw`(?:Array|${PHP_NAME} Object)(?:[ \t]{0,4}\r?\n[ \t]{0,200}| )(?=\()`,
  String.raw`(?:array|object)\([^()\n]{1,128}\)(?:#\d{1,9})?(?: \(\d{1,9}\))? ?(?=\{)`,
  String.raw`(?:${PHP_NAME}__set_state\(|\(object\) ?)?array ?(?=\()`,
  String.raw`array:\d{1,9} (?=\[)`,
  String.raw`${PHP_NAME} (?=\{#\d)`,
];
const TYPED = new RegExp(`(?:${TYPES.join("|")})`, "y");

/** Looks at the value that begins at `start`; false when it has no type in front of a bracket. */
export function findTyped(text: string, start: number, kind: KeyKind, reach: Reach, found: Spans): boolean {
  TYPED.lastIndex = start;
  if (TYPED.exec(text) === null) return false;
  if (start < reach.composed) return true;
  const end = endOfTyped(text, TYPED.lastIndex);
  reach.composed = end;
  found.add(start, end, kind);
  return true;
}

/** Where what the bracket at `open` begins ends; the end of the text where nothing closes it. */
export function endOfTyped(text: string, open: number): number {
  const hasLines = LINE_END.test(text.slice(open + 1, open + LONGEST_HEAD));
  return hasLines ? endOfLines(text, open) : endOfBracket(text, open);
}

/** Behind the bracket there may be a number or a sign that folds it: `{#12`, `[▼`, `(size=1)`. */
const LINE_END = /^(?:#\d{1,9}|size=\d{1,9}\))?[ \t▼▶]{0,4}\r?\n/;
const LONGEST_HEAD = 24;
const INDENT = /[ \t]*/y;
const BLANK = /[ \t\r]*(?=\n)/y;
const CLOSING = /[ \t]*[)\]}]{1,3}/y;
const SEEN_OF_LINE = 512;
/** A text of several lines may be less indented than what it is in. */
const LONGEST_TEXT = 1_024;

/** Behind the bracket that closes the one at `open` in a line of its own, as far in as the other's line: what is printed so may have any sign. */
function endOfLines(text: string, open: number): number {
  const near = Math.max(0, open - SEEN_OF_LINE);
  const indent = indentAt(text, near + text.slice(near, open).lastIndexOf("\n") + 1);
  let end = text.indexOf("\n", open);
  for (let next = end; next >= 0; next = text.indexOf("\n", next + 1)) {
    BLANK.lastIndex = next + 1;
    if (BLANK.exec(text) !== null) continue;
    if (indentAt(text, next + 1).length > indent.length) {
      end = endOfLine(text, next + 1);
      continue;
    }
    const closed = behindClosing(text, next);
    if (closed >= 0) return closed;
    const ahead = text.slice(next, next + LONGEST_TEXT);
    const closing = { "(": ")", "[": "]", "{": "}" }[text.charAt(open)] ?? "";
    const length = ahead.indexOf(`\n${indent}${closing}`);
    return length < 0 ? end : behindClosing(text, next + length);
  }
  return end < 0 ? text.length : end;
}

function indentAt(text: string, at: number): string {
  INDENT.lastIndex = at;
  return INDENT.exec(text)?.[0] ?? "";
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/** Behind the brackets that the line behind `lineEnd` begins with; -1 when it begins with none. */
function behindClosing(text: string, lineEnd: number): number {
  CLOSING.lastIndex = lineEnd + 1;
  return CLOSING.exec(text) === null ? -1 : CLOSING.lastIndex;
}

const BACKSLASH = 92;
const APART = /[\s=:,([{]/;

/** Behind the bracket that closes the one at `open`, brackets in texts left out; the end of the text when none does. */
function endOfBracket(text: string, open: number): number {
  const opening = text.charCodeAt(open);
  // `)` stands right behind `(`, `]` and `}` one further behind theirs.
  const closing = opening === 40 ? 41 : opening + 2;
  let depth = 0;
  let quote = 0;
  for (let at = open; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (quote !== 0) quote = code === quote ? 0 : quote;
    else if (isQuote(code)) quote = APART.test(text.charAt(at - 1)) ? code : 0;
    else if (code === opening) depth++;
    else if (code === closing && --depth === 0) return at + 1;
  }
  return text.length;
}
