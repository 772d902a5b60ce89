import { RegoError, type RegoPlace } from "./errors.ts";

/**
 * Refuses text whose brackets go deeper than allowed: the parser's time doubles with each level, and nothing can stop
 * it but the end of its thread. Brackets in strings and comments do not count. Text that the parser will refuse may
 * be counted wrongly behind the place where it does.
 *
 * @throws RegoError with the code `limit` and the place of the bracket
 */
export function checkNesting(file: string, text: string, maxNesting: number): void {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(
    /[[{(]|[\]})]|"(?:[^"\\\n]|\\[^\n])*"?|`[^`]*`?|#[^\n]*/g,
  )) {
    if ("[{(".includes(token)) depth++;
    else if ("]})".includes(token)) depth = Math.max(0, depth - 1);
    if (depth <= maxNesting) continue;
    throw new RegoError("limit", `brackets are nested more than ${maxNesting} deep`, {
      place: placeOf(file, text, index),
    });
  }
}

/** As many imports as a module may have. */
const MOST_IMPORTS = 200;

/**
 * Refuses text with more imports than anybody writes: the parser's time grows with the square of their number.
 *
 * @throws RegoError with the code `limit` and the place of the import
 */
export function checkImports(file: string, text: string): void {
  let count = 0;
  for (const { index } of text.matchAll(/^[ \t]*import[ \t]/gm)) {
    if (++count <= MOST_IMPORTS) continue;
    const why = `there are more than ${MOST_IMPORTS} imports in one module`;
    throw new RegoError("limit", why, { place: placeOf(file, text, index) });
  }
}

/**
 * Refuses characters that OPA refuses wherever they stand: one that is none, and a byte order mark inside.
 *
 * @throws RegoError with the code `compile` and the place
 */
export function checkCharacters(file: string, text: string): void {
  const index = text.search(/[\0\ufeff]/);
  if (index < 0) return;
  const what = text[index] === "\0" ? "a null character" : "a byte order mark";
  throw new RegoError("compile", `there is ${what} in the text`, { place: placeOf(file, text, index) });
}

function placeOf(file: string, text: string, index: number): RegoPlace {
  const before = text.slice(0, index).split("\n");
  const lineStart = index - (before.at(-1)?.length ?? 0);
  const sourceLine = text.slice(lineStart).split("\n", 1)[0] ?? "";
  return { file, line: before.length, column: index - lineStart + 1, sourceLine };
}
