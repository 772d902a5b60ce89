/** Private keys: PEM blocks (RFC 7468), those of SSH2 (RFC 4716) and of PuTTY. Certificates and public keys are not secret. */
import { ALNUM, classOf, DASH, DIGIT, skipClass, TOKEN_MARK } from "../characters.ts";
import type { Runs } from "../runs.ts";
import type { Spans } from "../spans.ts";

const BEGIN = /^-----BEGIN[ +]([A-Z0-9 +]{0,40}?PRIVATE[ +]KEY(?:[ +]BLOCK)?)-----/i;
const END = /^-----END[ +][A-Z0-9 +]{0,40}?PRIVATE[ +]KEY(?:[ +]BLOCK)?-----/i;
const SSH2 = /^---- BEGIN (SSH2 (?:ENCRYPTED )?PRIVATE KEY) ----/;
const LONGEST_BEGIN = 80;

/**
 * Looks at the block that would begin with the hyphen at `start`. One without an end, as in a text that was cut,
 * goes to the end of the text.
 *
 * @returns behind the block; `start` when there is none
 */
export function findPrivateKey(text: string, start: number, found: Spans): number {
  const ending = endingOf(text, start);
  if (ending === undefined) return findTail(text, start, found);
  const at = text.indexOf(ending, start);
  const end = at < 0 ? text.length : at + ending.length;
  found.add(start, end, "private_keys");
  return end;
}

function endingOf(text: string, start: number): string | undefined {
  if (text.startsWith("---- BEGIN SSH2", start)) {
    const label = SSH2.exec(text.slice(start, start + LONGEST_BEGIN))?.[1];
    return label === undefined ? undefined : `---- END ${label} ----`;
  }
  if (!text.startsWith("-----BEGIN", start) && !text.startsWith("-----begin", start)) return undefined;
  const label = BEGIN.exec(text.slice(start, start + LONGEST_BEGIN))?.[1];
  const end = text.charCodeAt(start + 5) === 98 ? "end" : "END";
  return label === undefined ? undefined : `-----${end}${text.charAt(start + 10)}${label}-----`;
}

const SHORTEST_TAIL = 20;

/** Looks at the lines of base64 in front of an end that has no beginning, as where a text was cut. */
function findTail(text: string, at: number, found: Spans): number {
  if ((text.charCodeAt(at + 5) | 32) !== 101) return at;
  const end = END.exec(text.slice(at, at + LONGEST_BEGIN))?.[0];
  if (end === undefined) return at;
  let start = at;
  while (start > 0 && (isBase64(text.charCodeAt(start - 1)) || isBreak(text.charCodeAt(start - 1)))) start--;
  const first = text.slice(start, at).search(/[\r\n]/);
  // The end of a line of words.
  if (start > 0 && first >= 0 && first < SHORTEST_TAIL && !isBreak(text.charCodeAt(start))) start += first;
  while (start < at && isBreak(text.charCodeAt(start))) start++;
  if (at - start < SHORTEST_TAIL) return at;
  found.add(start, at + end.length, "private_keys");
  return at + end.length;
}

function isBreak(code: number): boolean {
  return code === 10 || code === 13;
}

const LINES = "Private-Lines: ";
const HYPHEN_IN_LINES = 7;

/** True for the hyphen in the name of the field that says how many lines a key of PuTTY's has. */
export function namesPuttyKey(text: string, hyphen: number): boolean {
  return text.charCodeAt(hyphen + 1) === 76 && text.startsWith(LINES, hyphen - HYPHEN_IN_LINES);
}

/** Looks at the lines of base64 behind that field. */
export function findPuttyKey(text: string, hyphen: number, found: Spans): void {
  const from = hyphen - HYPHEN_IN_LINES + LINES.length;
  const start = skipClass(text, from, DIGIT, from + 5);
  let end = start;
  while (isBase64(text.charCodeAt(end)) || isBreakBefore(text, end)) end++;
  if (end > start + 1) found.add(start + 1, end, "private_keys");
}

function isBase64(code: number): boolean {
  return (classOf(code) & ALNUM) !== 0 || code === 43 || code === 47 || code === 61;
}

/** True for the end of a line of base64, and not for the one in front of the next field. */
function isBreakBefore(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (
    (code === 10 || code === 13) &&
    !text.startsWith("Private-", at + 1) &&
    !text.startsWith("\nPrivate-", at + 1)
  );
}

/** `-----BEGIN PRIVATE`, `-----BEGIN RSA` and so on in base64, as files of Kubernetes have keys. */
const ENCODED = /^LS0tLS1CRUdJTiB(?:QUklWQVRF|QR1AgUFJJ|SU0Eg|FQyB|FTkNSWVBU|EU0Eg|PUEVOU1NI)/;
const SEEN_OF_ENCODED = 26;
const J_IN_ENCODED = 11;

/** Looks at the key in base64 whose beginning would have its `J` at `at`. */
export function findEncodedKey(text: string, at: number, runs: Runs, found: Spans): void {
  const start = at - J_IN_ENCODED;
  if (start < 0 || !ENCODED.test(text.slice(start, start + SEEN_OF_ENCODED))) return;
  found.add(start, runs.endOf(at, ALNUM | DASH | TOKEN_MARK), "private_keys");
}
