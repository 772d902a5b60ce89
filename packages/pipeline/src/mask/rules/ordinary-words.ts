/** Words behind the name of a secret that are said about it: `password: incorrect`. */
import { isAlnum } from "../characters.ts";
import type { KeyKind } from "../key-words.ts";
import { isJoinedWords, looksLikeToken } from "./credentials.ts";

/** A value behind a name. */
export interface Said {
  readonly start: number;
  readonly kind: KeyKind;
  /** `name: value` as sentences have it too: what is an ordinary word there stays. */
  readonly isPlain: boolean;
}

const MAX_PUNCTUATION = 3;

/** True for a sign or two, as a parser complains of: `unexpected token: ')'`. */
export function isPunctuation(text: string, start: number, end: number): boolean {
  if (end - start > MAX_PUNCTUATION) return false;
  for (let at = start; at < end; at++)
    if (isAlnum(text.charCodeAt(at)) || text.charCodeAt(at) > 127) return false;
  return true;
}

/** Longer values are none of the words. */
const MAX_VALUE = 64;
const MAX_NEXT = 40;

/** No secret, however it is written. */
export const NOTHING: ReadonlySet<string> = new Set([
  "true",
  "false",
  "null",
  "none",
  "nil",
  "<nil>",
  "nullptr",
  "undefined",
]);

/** Where a statement of SQL or a format has its values. */
const PLACEHOLDER = /^(?:\$\d{1,3}|\?|%s)$/;

/** What others put in the place of a secret: asterisks, Rails, Sentry, Terraform. */
const FILTERED =
  /^(?:\*{3,64}(?![^\s"'&,;)\]}])|\[(?:filtered|masked|hidden|removed)\]|<(?:redacted|masked|hidden|sensitive)>|\((?:sensitive(?: value)?|hidden|redacted|known after apply)\))/i;
export const LONGEST_FILTERED = 66;

/** True when somebody has masked the value at `start` already. */
export function isFiltered(text: string, start: number): boolean {
  const code = text.charCodeAt(start);
  const mayBe = code === 42 || code === 91 || code === 60 || code === 40;
  return mayBe && FILTERED.test(text.slice(start, start + LONGEST_FILTERED));
}

/** True for a text that is nothing but what somebody has put in the place of a secret. */
export function isFilteredWhole(value: string): boolean {
  return value.length <= LONGEST_FILTERED && FILTERED.exec(value)?.[0].length === value.length;
}

/** What is said about a secret without being one. */
export const ORDINARY: ReadonlySet<string> = new Set(
  (
    "true false null none nil undefined yes no ok required optional missing invalid valid incorrect correct wrong " +
    "expired changed unchanged reset set unset empty must is was has not failed failure succeeded success enabled " +
    "disabled rejected accepted denied allowed unknown too the a an and or for from in of to with string str"
  ).split(" "),
);

/** Words that go on with a sentence that one of those began: `password: must be ...`, `password: expired on ...`. */
const FOLLOWING: ReadonlySet<string> = new Set(
  (
    "at be been being by after again already because before but contain during have if long match off on please " +
    "short since so that than then this until user when while will you your"
  ).split(" "),
);

/** How frameworks say what a password has to be: `This field is required.`, `minimum 8 characters`. */
const DEMAND =
  /^(?:(?:this|the) (?:field|value|password|one|string) (?:is|was|has|must|should|may|can|cannot|can't|does|doesn't|isn't|needs)\b|(?:min|max)(?:imum)?[ :](?:of |length|size|is |\d{1,3}\b)|at (?:least|most) (?:\d{1,3}|one|two|three)\b|(?:should|cannot|can't|can|may|shall|needs? to|has to|have to) (?:not |only )?(?:be|have|contain|include|match|exceed|start|end)\b|(?:does not|doesn't|do not|don't|did not) (?:match|contain|meet|have|include)\b|(?:shorter|longer) than \d|(?:field|value) (?:is|must|cannot|should)\b|ensure (?:this|that|it)\b|hash mismatch\b|mismatch\b|between \d{1,3} and \d)/i;
const LONGEST_DEMAND = 56;

/**
 * True when the value is no secret. Behind a `=`, or a name in quotes, that is only what stands for nothing. Behind
 * the colon of a sentence it is also a word that says something of the secret; of a password, when the sentence ends
 * with it or goes on as sentences do: a password may well be made of such words.
 */
export function isOrdinary(text: string, end: number, { start, kind, isPlain }: Said): boolean {
  const value = text.slice(start, Math.min(end, start + MAX_VALUE));
  const word = value.toLowerCase();
  if (NOTHING.has(word) || PLACEHOLDER.test(word)) return true;
  if (!isPlain) return false;
  if (kind !== "passwords")
    return (
      ORDINARY.has(word) || isJoinedWords(value) || (!looksLikeToken(value) && !/^[a-z]+[ =]/i.test(value))
    );
  if (DEMAND.test(text.slice(start, start + LONGEST_DEMAND))) return true;
  if (!ORDINARY.has(word)) return false;
  const next = /^ {1,2}([a-z]{1,24})\b/i.exec(text.slice(end, end + MAX_NEXT))?.[1]?.toLowerCase();
  return next === undefined || FOLLOWING.has(next) || ORDINARY.has(next);
}
