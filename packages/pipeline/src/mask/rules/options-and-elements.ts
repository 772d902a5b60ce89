/** Names and values that no sign joins: options of commands and elements of XML. */
import { REDACTED } from "../categories.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import { NOTHING } from "./ordinary-words.ts";
import { findValue } from "./values.ts";

const LESS = 60;
const GREATER = 62;

const MAX_FLAG = 96;
const FLAG = /^--([a-z][\w.-]{0,63}) +(?=[^\s-])/i;

/** Looks at the option that would begin with the hyphens at `at`: `--password x`, and curl's user and password. */
export function findFlag(text: string, at: number, names: NameRules, found: Spans): number {
  const ahead = text.slice(at, at + MAX_FLAG);
  const user = CURL_USER.exec(ahead);
  if (user !== null && text.slice(Math.max(0, at - CURL_AHEAD), at).includes("curl")) {
    const start = at + user[0].length;
    return findValue(text, { start, kind: "passwords", name: "", isPlain: false, isField: false }, found);
  }
  const flag = FLAG.exec(ahead);
  const kind = flag === null ? undefined : names.kindOfName(flag[1] ?? "");
  if (flag === null || kind === undefined) return at;
  const start = at + flag[0].length;
  return findValue(text, { start, kind, name: "", isPlain: false, isField: false }, found);
}

const CURL_USER = /^-(?:u|-user|-proxy-user) ["']?[^\s:"']{1,64}:(?=[^\s"'])/;
/** How far in front of its option the name of the program may stand. */
const CURL_AHEAD = 256;

const MAX_TAG = 128;
const TAG = /^<([\w.:-]{1,64})(?=\s|$)/;
/** `<parameter name="password">x</parameter>` */
const ATTRIBUTE = /\s(?:name|key)\s{0,3}=\s{0,3}["']([\w.-]{1,64})["']/i;
const CDATA = "<![CDATA[";

/** Looks at the element whose opening tag ends with the `>` at `at`: `<password>x</password>`. */
export function findElement(text: string, at: number, names: NameRules, found: Spans): number {
  const limit = Math.max(0, at - MAX_TAG);
  let open = at - 1;
  while (open > limit && text.charCodeAt(open) !== LESS && text.charCodeAt(open) !== GREATER) open--;
  const tag = text.slice(open, at);
  const name = TAG.exec(tag)?.[1];
  if (name === undefined || tag.endsWith("/")) return at;
  const attribute = ATTRIBUTE.exec(tag)?.[1] ?? "";
  const kind = names.kindOfName(name.slice(name.lastIndexOf(":") + 1)) ?? names.kindOfName(attribute);
  if (kind === undefined) return at;
  const isData = text.startsWith(CDATA, at + 1);
  const start = isData ? at + 1 + CDATA.length : at + 1;
  const close = text.indexOf(isData ? "]]>" : "<", start);
  const end = close < 0 ? text.length : close;
  const value = text.slice(start, end).trim();
  if (value !== "" && value !== REDACTED && !NOTHING.has(value)) found.add(start, end, kind);
  return end;
}
