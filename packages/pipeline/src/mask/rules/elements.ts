/** Elements of XML whose name says that their value is a secret. */
import { REDACTED } from "../categories.ts";
import { type KeyKind, VALUE } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import { NOTHING } from "./ordinary-words.ts";
import type { Reach } from "./reach.ts";

const LESS = 60;
const GREATER = 62;

const SLASH = 47;
/** A word alone with a digit in it. */
const OPAQUE = /^(?!-)(?=[^\s]{0,64}\d)[^\s]{1,256}$/;

const MAX_TAG = 256;
const TAG = /^<([\w.:-]{1,64})(?=\s|$)/;
/** `<parameter name="password">x</parameter>` */
const ATTRIBUTE = /\s(?:name|key)\s{0,3}=\s{0,3}["']([\w.-]{1,64})["']/i;
const CDATA = "<![CDATA[";

/** The element in front: `<name>password</name><value>x</value>`, as Hadoop, S3 and XML-RPC have it. */
const NAME_BEFORE = /<(?:name|key)>\s{0,8}([\w.-]{1,64})\s{0,8}<\/(?:name|key)>\s{0,32}$/i;
/** The element around it: `<property name="password"><value>x</value></property>`, as Spring and .NET have it. */
const AROUND = /^<[a-z][^<>]{0,240}(?<!\/)>\s{0,64}$/i;
const SEEN = 136;
const SEEN_AROUND = 312;
/** XML-RPC says what a value is. */
const STRING = /^\s{0,8}<string>/;
const LONGEST_STRING = 18;

function kindOfNeighbour(
  text: string,
  { open, own }: { readonly open: number; readonly own: string },
  names: NameRules,
): KeyKind | undefined {
  if (own.toLowerCase() !== VALUE) return undefined;
  const before = NAME_BEFORE.exec(text.slice(Math.max(0, open - SEEN), open))?.[1];
  return names.kindOfName(before ?? nameAround(text, open));
}

/** What the opening tag right in front calls its value; empty when it says nothing. */
function nameAround(text: string, open: number): string {
  const before = text.slice(Math.max(0, open - SEEN_AROUND), open);
  const tag = before.slice(Math.max(0, before.lastIndexOf("<")));
  return AROUND.test(tag) ? (ATTRIBUTE.exec(tag)?.[1] ?? "") : "";
}

/** Looks at the element whose opening tag ends with the `>` at `at`: `<password>x</password>`. */
export function findElement(text: string, at: number, names: NameRules, reach: Reach, found: Spans): void {
  const limit = Math.max(0, at - MAX_TAG);
  let open = at - 1;
  while (open > limit && text.charCodeAt(open) !== LESS && text.charCodeAt(open) !== GREATER) open--;
  const tag = text.slice(open, at);
  const name = TAG.exec(tag)?.[1];
  if (name === undefined || tag.endsWith("/")) return;
  const attribute = ATTRIBUTE.exec(tag)?.[1] ?? "";
  const own = name.slice(name.lastIndexOf(":") + 1);
  const kind =
    names.kindOfName(own) ?? names.kindOfName(attribute) ?? kindOfNeighbour(text, { open, own }, names);
  if (kind === undefined) return;
  const behind = at + 1 + (STRING.exec(text.slice(at + 1, at + LONGEST_STRING))?.[0].length ?? 0);
  const isData = text.startsWith(CDATA, behind);
  const start = isData ? behind + CDATA.length : behind;
  if (isData && start < reach.data) return;
  const close = text.indexOf(isData ? "]]>" : "<", start);
  let end = close < 0 ? text.length : close;
  if (isData) reach.data = end;
  else if (!isClosed(text, close, behind > at + 1 ? "string" : name)) {
    // `--token <token> --host <host>`: what a program is called with.
    if (close < 0 || text.charCodeAt(close + 1) === SLASH) end = endOfUnclosed(text, { open, start, end });
    else if (!OPAQUE.test(text.slice(start, end).trim())) return;
  }
  const value = text.slice(start, end).trim();
  if (value !== "" && value !== REDACTED && !NOTHING.has(value)) found.add(start, end, kind);
}

/** True when the tag at `close` ends the element, as far as the text goes. */
function isClosed(text: string, close: number, name: string): boolean {
  if (close < 0 || text.charCodeAt(close + 1) !== SLASH) return false;
  const end = text.slice(close + 2, close + 2 + name.length).toLowerCase();
  return close + 2 + end.length === text.length
    ? name.toLowerCase().startsWith(end)
    : end === name.toLowerCase();
}

/** A tag whose end is missing, and how far its value may go. */
interface Unclosed {
  readonly open: number;
  readonly start: number;
  readonly end: number;
}

/** What stands in front of an element: another tag, directly or in a line before, or the end of one. */
const TAG_BEFORE =
  /(?:<\/[\w.:-]{1,64}>|[?/-]>)\s{0,64}$|<[A-Za-z][^<>]{0,120}>(?:[ \t]{0,8}\r?\n\s{0,64})?$/;
/** Text in front of a tag, without a space between. */
const TEXT_BEFORE = /(?:^|[\s<>])([^\s<>]{1,120})$/;
/** What a line has in front of an element that it shows: `body=<password>`. */
const SHOWN = /(?:[=("'`[{,;|]|(?<!:):)$/;
/** A sentence's sign behind a word in angle brackets, or the rest of an address. */
const SENTENCE = /^(?:[.,:;!?|)\]}>"'`]{1,4}(?:\s|$)|@|\\[nrt])/;
const SPACES = /^\s{0,64}/;

/**
 * Where the value of an element ends that is cut off: with its line. `start` when it is none: `Promise<Token>`,
 * `AUTH <password> called without ...`.
 */
function endOfUnclosed(text: string, { open, start, end }: Unclosed): number {
  const before = text.slice(Math.max(0, open - SEEN), open);
  const isBehindTag = TAG_BEFORE.test(before);
  const spaces = SPACES.exec(text.slice(start, start + 64))?.[0].length ?? 0;
  if (!isBehindTag && (spaces > 0 || !mayBegin(before) || SENTENCE.test(text.slice(start, start + 8))))
    return start;
  const line = text.slice(start + spaces, end).search(/[\r\n]/);
  return line < 0 ? end : start + spaces + line;
}

/** True when an element may begin behind this: not the arguments of a type, nor a part of a path. */
function mayBegin(before: string): boolean {
  const text = TEXT_BEFORE.exec(before);
  if (text === null) return true;
  return text[0].startsWith(">") || SHOWN.test(before);
}
