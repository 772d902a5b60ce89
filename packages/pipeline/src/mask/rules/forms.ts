/** Values of forms: the parts of `multipart/form-data` (RFC 7578), and elements that name their value in an attribute. */
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import type { Reach } from "./reach.ts";

const PART = /form-data; {0,2}name="([^"\r\n]{1,64})$/i;
const LONGEST_PART = 96;
/** Behind the name: further fields of the part's header, and an empty line. */
const HEADER = /^"(?:[\r\n]{1,2}[\w-]{1,32}:[^\r\n]{1,128}){0,4}[\r\n]{2,4}(?!--)/;
const LONGEST_HEADER = 700;

/** Looks at the part whose name ends with the quote at `quote`. Its value goes up to the next boundary. */
export function findPart(text: string, quote: number, names: NameRules, reach: Reach, found: Spans): void {
  const name = PART.exec(text.slice(Math.max(0, quote - LONGEST_PART), quote))?.[1];
  const kind = name === undefined ? undefined : names.kindOfName(name);
  if (kind === undefined) return;
  const header = HEADER.exec(text.slice(quote, quote + LONGEST_HEADER))?.[0];
  if (header === undefined) return;
  const start = quote + header.length;
  if (start < reach.part) return;
  const boundary = text.indexOf("\n--", start);
  let end = boundary < 0 ? text.length : boundary;
  while (end > start && (text.charCodeAt(end - 1) === 10 || text.charCodeAt(end - 1) === 13)) end--;
  reach.part = end;
  if (end > start) found.add(start, end, kind);
}

const SEEN_OF_TAG = 160;
const NAME = /\b(?:name|key|id|field)\s{0,3}=\s{0,3}["']?([\w.\-[\]]{1,64})/gi;
const TYPE = /\btype\s{0,3}=\s{0,3}["']?password\b/i;

/**
 * What the tag around the attribute `value` at `at` says that the value is: `<input name="password" value="x">`,
 * `<add key="ApiKey" value="x"/>`.
 */
export function kindOfTag(text: string, at: number, names: NameRules): KeyKind | undefined {
  const from = Math.max(0, at - SEEN_OF_TAG);
  const before = text.slice(from, at);
  const open = before.lastIndexOf("<");
  if (open < 0 || before.includes(">", open)) return undefined;
  const behind = text.slice(at, at + SEEN_OF_TAG);
  const close = behind.indexOf(">");
  const tag = before.slice(open) + (close < 0 ? behind : behind.slice(0, close));
  if (TYPE.test(tag)) return names.kindOfName("password");
  for (const [, name = ""] of tag.matchAll(NAME)) {
    const kind = names.kindOfName(name);
    if (kind !== undefined) return kind;
  }
  return names.kindOfName(ELEMENT.exec(tag)?.[1] ?? "");
}

/** `<token value="x"/>`, with the prefix of a namespace or without. */
const ELEMENT = /^<(?:[\w.-]{1,32}:)?([\w.-]{1,64})/;
