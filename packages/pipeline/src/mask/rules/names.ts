/** Names of secrets in a text. */
import { ALNUM, classOf, DASH } from "../characters.ts";
import type { KeyKind, NameEndings } from "../key-words.ts";

const QUOTE = 34;
const APOSTROPHE = 39;

/** What the rule asks of the keys: the kind of secret that a name stands for. */
export interface NameRules {
  /** How names end that may stand for one. */
  readonly endings: NameEndings;
  kindOfName(name: string): KeyKind | undefined;
  /** The same for a name right in front of a `=`, where more names stand for one. */
  kindOfAssigned(name: string): KeyKind | undefined;
}

/** True when a name that stands for a secret may end there. */
export function endsName(text: string, end: number, endings: NameEndings): boolean {
  return endings.has(
    text.charCodeAt(end - 4),
    text.charCodeAt(end - 3),
    text.charCodeAt(end - 2),
    text.charCodeAt(end - 1),
  );
}

/** What a key is split at belongs to it: `.`, `-`, `_`, `[`. */
export function isNamePart(code: number): boolean {
  return (classOf(code) & (ALNUM | DASH)) !== 0 || code === 46 || code === 91;
}

export function isQuote(code: number): boolean {
  return code === QUOTE || code === APOSTROPHE || code === 96;
}
