/**
 * What of a YAML text is neither key nor value: its indentation, and the punctuation that gives it structure. Taken
 * from the library's lexer, so that it is there for a text that is no YAML too.
 */
import { type Lexeme, lex } from "./lex-yaml.ts";
import { type Source, showRange } from "./source.ts";

/** White space and structure; not comments, tags, anchors or block headers, which hold text of somebody's own. */
export function showStructure(source: Source): void {
  showIndentation(source);
  for (const { kind, text, start } of lex(source.text)) {
    if (kind === "space" || kind === "break" || kind === "mark")
      showRange(source, { start, end: start + text.length });
  }
}

/**
 * The same for a text that is no YAML, in which nobody knows where a value ends: of each line what is before its first
 * value, with the keys that are known.
 */
export function showOutline(source: Source, isKnown: (name: string) => boolean): void {
  showIndentation(source);
  const lexemes = lex(source.text);
  let open = true;
  for (const [i, { kind, text, start }] of lexemes.entries()) {
    if (kind === "break") open = true;
    else if (kind === "scalar" || kind === "other") open &&= isKnown(unquote(text)) && isKey(lexemes, i);
    if (open) showRange(source, { start, end: start + text.length });
    // A block of text ends with its last line.
    if (kind === "scalar" && text.endsWith("\n")) open = true;
  }
}

/** A plain or quoted text without its quotes; what has escapes in it stays as it is. */
export function unquote(text: string): string {
  return /^(["'])([^"'\\]*)\1$/.exec(text)?.[2] ?? text;
}

function showIndentation(source: Source): void {
  for (const { 0: indentation, index: start } of source.text.matchAll(/^[ \t]+/gm)) {
    showRange(source, { start, end: start + indentation.length });
  }
}

function isKey(lexemes: readonly Lexeme[], i: number): boolean {
  const after = lexemes[i + 1]?.kind === "space" ? lexemes[i + 2] : lexemes[i + 1];
  return after?.kind === "mark" && after.text === ":";
}
