/** Passwords in commands and statements, where no sign joins a name and its value. */
import { REDACTED } from "../categories.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import type { Reach } from "./reach.ts";
import { findValue } from "./values.ts";

const HYPHEN = 45;

const MAX_FLAG = 96;
const FLAG = /^--([a-z][\w.-]{0,63}) +(?=[^\s-])/i;
/** `-u`, alone or behind other letters, and `-p`, as programs have them. */
const SHORT = /^-(?:[a-z]{0,5}u|p)[^-]/i;
/** How far in front of its option the name of a program may stand. */
const SEEN_OF_COMMAND = 256;
const SEEN_OF_LOGIN = 128;

/** True when an option may begin with the hyphen at `at`. */
export function mayBeOption(text: string, at: number): boolean {
  if (text.charCodeAt(at + 1) === HYPHEN) return true;
  const before = text.charCodeAt(at - 1);
  const next = text.charCodeAt(at + 1) | 32;
  return (before === 32 || before === 10) && next >= 97 && next <= 122 && SHORT.test(text.slice(at, at + 9));
}

/** Looks at the option that would begin with the hyphen at `at`: `--password x`, `curl -u user:x`, `sshpass -p x`. */
export function findOption(text: string, at: number, names: NameRules, reach: Reach, found: Spans): void {
  const ahead = text.slice(at, at + MAX_FLAG);
  if (findUser(text, at, ahead, reach, found)) return;
  const start = startOfPassword(text, at, ahead);
  if (start !== undefined) {
    findPassword(text, start, reach, found);
    return;
  }
  const flag = FLAG.exec(ahead);
  const kind = flag === null ? undefined : names.kindOfName(flag[1] ?? "");
  if (flag === null || kind === undefined) return;
  findValue(text, { ...BARE, start: at + flag[0].length, kind }, reach, found);
}

const BARE = { kind: "passwords", name: "", isPlain: false, isField: false, isQuery: false } as const;

function findPassword(text: string, start: number, reach: Reach, found: Spans): void {
  findValue(text, { ...BARE, start }, reach, found);
}

const CURL_USER = /^-(?:[a-z]{0,5}u ?|-user[ =]|-proxy-user[ =])(["']?)[^\s:"']{1,64}:(?=[^\s"'])/i;
const LONGEST_USER = 256;

/** Looks at curl's user and password; false when there are none. What the user is, other rules say. */
function findUser(text: string, at: number, ahead: string, reach: Reach, found: Spans): boolean {
  const user = CURL_USER.exec(ahead);
  if (user === null || !/\bcurl\b/.test(textBefore(text, at))) return false;
  const start = at + user[0].length;
  const quote = user[1] ?? "";
  const length = quote === "" ? -1 : text.slice(start, start + LONGEST_USER).indexOf(quote);
  if (length < 0) findPassword(text, start, reach, found);
  else if (!text.startsWith(`${REDACTED}${quote}`, start)) found.add(start, start + length, "passwords");
  return true;
}

const PASSWORD = /^-p( ?)(?=[^\s-])/;
const APART = /\bsshpass\b|\b(?:docker|podman|nerdctl|buildah|skopeo|oc) login\b/;
const JOINED = /\bsshpass\b|\b(?:mysql|mariadb)/;

/** Where the password begins in a `-p`: of some programs it may stand right behind it, of some it has to. */
function startOfPassword(text: string, at: number, ahead: string): number | undefined {
  const option = PASSWORD.exec(ahead);
  if (option === null) return undefined;
  const programs = option[1] === " " ? APART : JOINED;
  return programs.test(commandBefore(text, at)) ? at + option[0].length : undefined;
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

/** True when a name may stand in front of the quote at `quote`: `PASSWORD 'x'`, `IDENTIFIED BY 'x'`. */
export function followsClause(text: string, quote: number): boolean {
  if (text.charCodeAt(quote - 1) !== 32) return false;
  const last = text.charCodeAt(quote - 2) | 32;
  return last === 100 || last === 121;
}

const CLAUSE = /\b(?:password|identified(?: with \w{1,40})? by) $/i;
const LONGEST_CLAUSE = 68;

/** Looks at the literal of SQL that begins with the quote at `quote`. */
export function findLiteral(text: string, quote: number, names: NameRules, reach: Reach, found: Spans): void {
  if (!CLAUSE.test(text.slice(Math.max(0, quote - LONGEST_CLAUSE), quote))) return;
  if (names.kindOfName("password") !== undefined) findPassword(text, quote, reach, found);
}
