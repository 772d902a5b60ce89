/** Passwords as protocols of text have them: `AUTH` of Redis (RESP) and of SMTP (RFC 4954), `PASS` of FTP (RFC 959) and POP3 (RFC 1939). */
import { REDACTED } from "../categories.ts";
import type { Spans } from "../spans.ts";
import { looksLikeToken } from "./credentials.ts";

/** What may stand in front of a command: nothing, a line's end, a prompt, or a word that says who speaks. */
const PROMPT = /(?:^|[\r\n]|\\n|["'`>:] ?)[ \t]{0,8}$/;
/** The same where the command is a common word: a prompt, or the user's name in front of it. */
const FTP_PROMPT = /(?:^|[\r\n]|\\n|["'])[ \t]{0,8}(?:C:|(?:[\w.-]{1,24})?-{0,4}>{1,3}) {0,2}$/;
const FTP_USER = /(?:^|[^A-Z])USER [^\s]/;
const NEXT_LINE = /(?:[\r\n]|\\n)[ \t]{0,8}(?:(?:C:|-{0,4}>{1,3}) {0,2})?$/;
const SEEN_OF_DIALOGUE = 256;

/** The rest of a line is its end, and may be a quote; a text in JSON ends in front of what separates it from others. */
const AUTH =
  /^AUTH ("?)(?:(PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|NTLM|CRAM-MD5|GSSAPI|EXTERNAL|SCRAM-[\w-]{1,24}) )?([^\s"'\\]{1,512})(?: ([^\s"'\\]{1,256}))?(?:["'`]{0,2}[ \t]{0,8}(?:$|[\r\n]|\\[rn])|["'][ \t]{0,8}[,}\]])/;
const MECHANISM =
  /^(?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|NTLM|DIGEST-MD5|CRAM-MD5|GSSAPI|EXTERNAL|SCRAM-[\w-]{1,24}|TLS|SSL)$/;
const LONGEST_AUTH = 840;
const SHORTEST_PASSWORD = 6;

/** Looks at the command that would begin with the `A` at `at`. */
export function findAuth(text: string, at: number, found: Spans): void {
  if (!text.startsWith("AUTH ", at) || !PROMPT.test(text.slice(Math.max(0, at - 16), at))) return;
  const command = AUTH.exec(text.slice(at, at + LONGEST_AUTH));
  if (command === null) return;
  const [whole, , mechanism, first = "", second] = command;
  // What a server offers are names of mechanisms.
  if (mechanism !== undefined && second !== undefined) return;
  const secret = second ?? first;
  const isSecret = mechanism === undefined ? isPassword(secret) : secret.endsWith("=") || isPassword(secret);
  if (!isSecret) return;
  const start = at + whole.lastIndexOf(secret);
  found.add(start, start + secret.length, "passwords");
}

function isPassword(word: string): boolean {
  return (
    word !== REDACTED && word.length >= SHORTEST_PASSWORD && !MECHANISM.test(word) && looksLikeToken(word)
  );
}

const PASS = /^PASS ([^\s"'\\]{1,128})(?:["'`]{0,2}[ \t]{0,8}(?:$|[\r\n]|\\[rn])|["'][ \t]{0,8}[,}\]])/;
const LONGEST_PASS = 144;

/** Looks at the command that would begin with the `P` at `at`: whoever runs tests prints the word as well. */
export function findPass(text: string, at: number, found: Spans): void {
  if (!text.startsWith("PASS ", at)) return;
  const password = PASS.exec(text.slice(at, at + LONGEST_PASS))?.[1];
  if (password === undefined || password === REDACTED) return;
  const before = text.slice(Math.max(0, at - SEEN_OF_DIALOGUE), at);
  if (!FTP_PROMPT.test(before) && !isBehindUser(before)) return;
  found.add(at + "PASS ".length, at + "PASS ".length + password.length, "passwords");
}

/** Two searches: together they would go over all of it for each end that it may have. */
function isBehindUser(before: string): boolean {
  const line = NEXT_LINE.exec(before);
  return line !== null && FTP_USER.test(before.slice(0, line.index));
}
