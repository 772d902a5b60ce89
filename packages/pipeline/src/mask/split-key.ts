import { splitKey } from "./key-words.ts";

/** The longest name that is split here; in a longer one only its end counts. */
const MAX_NAME = 256;
/** Letters of a word. */
const MAX_WORD = 64;

/**
 * As {@link splitKey}, several times as fast: nearly all names are ASCII, and a client may send many of them, each of
 * which is split once.
 */
export function splitName(name: string): string[] {
  if (name.length > MAX_NAME) return splitKey(name);
  const words: string[] = [];
  let kind = kindAt(name, 0);
  for (let at = 0; at < name.length; ) {
    if (kind === BEYOND) return splitKey(name);
    const start = at;
    let next = kindAt(name, ++at);
    if (kind === NEITHER) {
      kind = next;
      continue;
    }
    // A capital and the small letters behind it are one word, and so are capitals that belong together.
    if (kind === CAPITAL && next === SMALL) kind = SMALL;
    const most = start + MAX_WORD + (kind === SMALL && kindAt(name, start) === CAPITAL ? 1 : 0);
    while (next === kind && at < most) next = kindAt(name, ++at);
    if (kind === CAPITAL && next === SMALL && at - start > 1) {
      at -= 1;
      next = CAPITAL;
    }
    words.push(name.slice(start, at).toLowerCase());
    kind = next;
  }
  while (words.length > 1 && kindAt(words.at(-1) ?? "", 0) === DIGIT) words.pop();
  return words;
}

const NEITHER = 0;
const SMALL = 1;
const CAPITAL = 2;
const DIGIT = 3;
/** Not ASCII. */
const BEYOND = 4;

function kindAt(text: string, at: number): number {
  const code = at < text.length ? text.charCodeAt(at) : 0;
  if (code >= 0x61 && code <= 0x7a) return SMALL;
  if (code >= 0x41 && code <= 0x5a) return CAPITAL;
  if (code >= 0x30 && code <= 0x39) return DIGIT;
  return code < 0x80 ? NEITHER : BEYOND;
}
