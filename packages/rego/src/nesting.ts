import { RegoError } from "./errors.ts";

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
    const before = text.slice(0, index).split("\n");
    const lineStart = index - (before.at(-1)?.length ?? 0);
    const sourceLine = text.slice(lineStart).split("\n", 1)[0] ?? "";
    const place = { file, line: before.length, column: index - lineStart + 1, sourceLine };
    throw new RegoError("limit", `brackets are nested more than ${maxNesting} deep`, { place });
  }
}
