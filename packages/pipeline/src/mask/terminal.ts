/** Escape sequences of terminals (ECMA-48): colours within a text hide what stands beside them. */

const ESCAPE = 27;
const OPENING_BRACKET = 91;
/** Parameters of one sequence, at most. */
const MAX_PARAMETERS = 32;

/**
 * Behind the sequence that begins at `at`; `at` when none does. A control sequence goes up to its final byte (section
 * 5.4); of any other only the two characters in front do, so that what they hold stays to be searched.
 */
export function endOfSequence(text: string, at: number): number {
  if (text.charCodeAt(at) !== ESCAPE) return at;
  const second = text.charCodeAt(at + 1);
  if (!(second >= 64 && second <= 95)) return at + 1;
  if (second !== OPENING_BRACKET) return at + 2;
  let end = at + 2;
  while (end < at + MAX_PARAMETERS && isParameter(text.charCodeAt(end))) end++;
  const final = text.charCodeAt(end);
  return final >= 64 && final <= 126 ? end + 1 : at + 2;
}

function isParameter(code: number): boolean {
  return code >= 32 && code <= 63;
}
