/** Texts in quotes. */
import { isAlnum } from "../characters.ts";

const BACKSLASH = 92;

/** In front of the closing quote, and of the backslashes that stand before it, as many as before the opening one. */
export function endOfQuoted(text: string, opening: number, depth: number): number {
  const quote = text.charCodeAt(opening);
  const isWithin = isDoubled(text, opening);
  let backslashes = 0;
  for (let at = isWithin ? opening + 2 : opening + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== quote) {
      backslashes = code === BACKSLASH ? backslashes + 1 : 0;
      continue;
    }
    const closes = depth === 0 ? backslashes % 2 === 0 : backslashes <= depth;
    // Two stand for one in SQL and in tables where the value goes on: `'it''s'`.
    const isPair = depth === 0 && text.charCodeAt(at + 1) === quote && isAlnum(text.charCodeAt(at + 2));
    if (closes && (isWithin || !isPair)) return at - Math.min(depth, backslashes);
    // With a backslash in front it is a quote of the value's, and the one behind it may close it.
    if (closes) at++;
    backslashes = 0;
  }
  return text.length;
}

/** True for `""x""`, as a table has it that holds texts with quotes of their own. */
export function isDoubled(text: string, opening: number): boolean {
  return text.charCodeAt(opening + 1) === text.charCodeAt(opening) && isAlnum(text.charCodeAt(opening + 2));
}
