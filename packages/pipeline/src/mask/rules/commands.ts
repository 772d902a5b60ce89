/** Passwords in commands and statements, where no sign joins a name and its value. */
import { REDACTED } from "../categories.ts";
import { classOf, LETTER } from "../characters.ts";
import type { Spans } from "../spans.ts";
import { findListedOption } from "./listed-options.ts";
import type { NameRules } from "./names.ts";
import {
  closesText,
  endOfOpened,
  lengthOfLiteralPrefix,
  SHELL_QUOTE,
  startOfEscapes,
} from "./quoted-text.ts";
import type { Reach } from "./reach.ts";
import { findValue } from "./values.ts";

const HYPHEN = 45;
const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;

const MAX_FLAG = 96;
/** `--password x`; some programs have names behind one hyphen, as `-storepass x`. */
const FLAG = /^--?([a-z][\w.-]{0,63}) +(?=[^\s-])/i;
/** `-u`, alone or behind other letters, `-p` and `-a`, as programs have them, or a name. */
const SHORT = /^-(?:(?:[a-z]{0,5}u|p)[^-]|a |[a-z]{4})/i;
/** How far in front of its option the name of a program may stand. */
const SEEN_OF_COMMAND = 256;
const SEEN_OF_LOGIN = 128;

/** True when an option may begin with the hyphen at `at`. */
export function mayBeOption(text: string, at: number): boolean {
  if (text.charCodeAt(at + 1) === HYPHEN) return true;
  const before = text.charCodeAt(at - 1);
  const next = text.charCodeAt(at + 1) | 32;
  const begins = before === 32 || before === 10 || before === QUOTE || before === APOSTROPHE;
  return begins && next >= 97 && next <= 122 && SHORT.test(text.slice(at, at + 9));
}

/** Looks at the option that would begin with the hyphen at `at`: `--password x`, `curl -u user:x`, `sshpass -p x`. */
export function findOption(text: string, at: number, names: NameRules, reach: Reach, found: Spans): void {
  const first = text.charCodeAt(at + 1) === HYPHEN ? at + 2 : at + 1;
  if ((classOf(text.charCodeAt(first)) & LETTER) === 0) return;
  const ahead = text.slice(at, at + MAX_FLAG);
  if (findUser(text, at, ahead, reach, found)) return;
  const opened = OPENSSL.exec(ahead);
  if (opened !== null) {
    findOpened(text, at, opened, reach, found);
    return;
  }
  const start = startOfPassword(text, at, ahead);
  if (start !== undefined) {
    findPassword(text, start, reach, found);
    return;
  }
  const flag = FLAG.exec(ahead);
  if (flag === null) findListedOption(text, at, names, reach, found);
  const kind = flag === null ? undefined : names.kindOfName(flag[1] ?? "");
  if (flag === null || kind === undefined) return;
  findValue(text, { ...BARE, start: at + flag[0].length, kind }, reach, found);
}

/** `-passin pass:x` */
const OPENSSL: RegExp = new RegExp(String.raw`^(-pass(?:in|out)? {1,2})(${SHELL_QUOTE}|["']?)pass:(?=\S)`);

const BARE = { kind: "passwords", name: "", isPlain: false, isField: false, isQuery: false } as const;

function findPassword(text: string, start: number, reach: Reach, found: Spans): void {
  findValue(text, { ...BARE, start }, reach, found);
}

const CURL_USER: RegExp = new RegExp(
  String.raw`^(-(?:[a-z]{0,5}u ?|-user[ =]|-proxy-user[ =]))(${SHELL_QUOTE}|["']?)[^\s:"']{1,64}:(?=[^\s"'])`,
  "i",
);

/** Looks at curl's user and password; false when there are none. What the user is, other rules say. */
function findUser(text: string, at: number, ahead: string, reach: Reach, found: Spans): boolean {
  const user = CURL_USER.exec(ahead);
  if (user === null || !/\b(?:curl|etcdctl)\b/.test(textBefore(text, at))) return false;
  findOpened(text, at, user, reach, found);
  return true;
}

/** Takes the password behind what was read at `at`: the option, a quote or none, and what else stands in front of it. */
function findOpened(text: string, at: number, read: RegExpExecArray, reach: Reach, found: Spans): void {
  const [whole, option = "", quote = ""] = read;
  const start = at + whole.length;
  const end = quote === "" ? -1 : endOfOpened(text, at + option.length);
  if (end < 0) findPassword(text, start, reach, found);
  else if (end > start && text.slice(start, end) !== REDACTED) found.add(start, end, "passwords");
}

const PASSWORD = /^-([pPa])( ?)(?=[^\s-])/;
/** The programs whose option it is, with a space behind it or without. */
const APART: Readonly<Record<string, RegExp>> = {
  p: /\bsshpass\b|\b(?:docker|podman|nerdctl|buildah|skopeo|oc|az) login\b/,
  P: /\b(?:sqlcmd|bcp|ipmitool|zip|unzip)\b/,
  a: /\bredis-cli\b/,
};
const JOINED: Readonly<Record<string, RegExp>> = {
  p: /\bsshpass\b|\b(?:mysql|mariadb)|\b(?:7za?|7zz|rar|unrar)\b/,
  P: /\b(?:sqlcmd|bcp|ipmitool|zip|unzip)\b/,
};

/** Where the password begins in a `-p`: of some programs it may stand right behind it, of some it has to. */
function startOfPassword(text: string, at: number, ahead: string): number | undefined {
  const option = PASSWORD.exec(ahead);
  if (option === null) return undefined;
  const programs = (option[2] === " " ? APART : JOINED)[option[1] ?? ""];
  return programs?.test(commandBefore(text, at)) === true ? at + option[0].length : undefined;
}

/** What stands in front of `at` in its command: another may stand before it in the same line. */
function commandBefore(text: string, at: number): string {
  const limit = Math.max(0, at - SEEN_OF_LOGIN);
  let start = at;
  while (start > limit && !"|;&\n".includes(text.charAt(start - 1))) start--;
  return text.slice(start, at);
}

/** What stands in front of `at`. */
function textBefore(text: string, at: number): string {
  return text.slice(Math.max(0, at - SEEN_OF_COMMAND), at);
}

const ENV = /^ENV ([A-Z][A-Z0-9_]{1,63}) {1,4}(?=[^\s=])/;

/** Looks at the line of a Dockerfile that would begin at `at`: `ENV DB_PASSWORD x`. */
export function findEnv(text: string, at: number, names: NameRules, reach: Reach, found: Spans): void {
  const line = ENV.exec(text.slice(at, at + MAX_FLAG));
  const kind = line === null ? undefined : names.kindOfName(line[1] ?? "");
  if (line === null || kind === undefined) return;
  findValue(text, { ...BARE, start: at + line[0].length, kind }, reach, found);
}

/** True when a name may stand in front of the quote at `quote`: `PASSWORD 'x'`, `PASSWORD('x')`, `PASSWORD E'x'`, `IDENTIFIED BY 'x'`, `"AUTH" 'x'`. */
export function followsClause(text: string, quote: number): boolean {
  const start = startOfLiteral(text, quote);
  const before = text.charCodeAt(start - 1);
  if (before !== 32 && before !== PARENTHESIS) return false;
  let end = start - 1;
  while (end > start - MAX_BLANKS && before === 32 && text.charCodeAt(end - 1) === 32) end--;
  const code = text.charCodeAt(end - 1);
  const last = code | 32;
  return last === 100 || (before === 32 && (last === 121 || last === 103 || code === QUOTE));
}

/** Where a literal of SQL begins: in front of its prefix, and of the backslashes before its quote. */
function startOfLiteral(text: string, quote: number): number {
  const start = startOfEscapes(text, quote);
  return start - lengthOfLiteralPrefix(text, start);
}

const PARENTHESIS = 40;
/** In front of a literal; libraries that write statements have one more than people. */
const MAX_BLANKS = 8;
/** Of SQL, of Redis and of PowerShell. */
const CLAUSE =
  /\bpassword {1,8}$|password\($|\bidentified(?: with \w{1,40})? by {1,8}$|"AUTH" (?:"[^"\s]{1,64}" )?$|\bConvertTo-SecureString (?:-(?:AsPlainText|Force|String) ){0,3}$/i;
const LONGEST_CLAUSE = 76;
/** Something may be identified by anything; users are in statements, or in capitals. */
const IDENTIFIED = /identified/;
const STATEMENT = /\b(?:create|alter|grant|set)\b/i;

/** Looks at the literal of SQL that begins with the quote at `quote`, or backslashes in front of it. */
export function findLiteral(text: string, quote: number, names: NameRules, reach: Reach, found: Spans): void {
  const start = startOfLiteral(text, quote);
  const clause = CLAUSE.exec(text.slice(Math.max(0, start - LONGEST_CLAUSE), start))?.[0];
  if (clause === undefined || (IDENTIFIED.test(clause) && !STATEMENT.test(textBefore(text, quote)))) return;
  // Quotes with a backslash are those of a text within a text, which may end in the word.
  if (text.charCodeAt(quote - 1) === BACKSLASH && closesText(text, quote)) return;
  if (names.kindOfName("password") !== undefined) findPassword(text, start, reach, found);
}
