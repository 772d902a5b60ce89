/**
 * What of a YAML text is neither key nor value: its indentation, and the punctuation that gives it structure. Taken
 * from the library's lexer, so that it is there for a text that is no YAML too.
 */
import { Lexer } from "yaml";
import { type Source, showRange } from "./source.ts";

interface Lexeme {
  readonly text: string;
  readonly start: number;
  readonly kind: "space" | "break" | "mark" | "other";
}

/** White space and structure; not comments, tags, anchors or block headers, which hold text of somebody's own. */
export function showStructure(source: Source): void {
  showIndentation(source);
  for (const { kind, text, start } of lex(source.text)) {
    if (kind !== "other") showRange(source, { start, end: start + text.length });
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
    else if (kind === "other") open &&= isKnown(unquote(text)) && isKey(lexemes, i);
    if (open) showRange(source, { start, end: start + text.length });
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

/** What the lexer puts in between: a document, the early end of a flow, a scalar that follows. */
const [DOCUMENT, FLOW_END, SCALAR] = ["\u0002", "\u0018", "\u001f"] as const;
const CONTROLS = [DOCUMENT, FLOW_END, SCALAR];

const MARK = /^(?:[-?:,{}[\]]|---)$/;

function lex(text: string): readonly Lexeme[] {
  const lexemes: Lexeme[] = [];
  // In a text that holds them, the lexer's own marks could not be told from it.
  if (CONTROLS.some((control) => text.includes(control))) return lexemes;
  let start = 0;
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === DOCUMENT || lexeme === FLOW_END) continue;
    if (lexeme === SCALAR) {
      isScalar = true;
      continue;
    }
    // A place that is not certain is none.
    if (!text.startsWith(lexeme, start)) return [];
    lexemes.push({ text: lexeme, start, kind: isScalar ? "other" : kindOf(lexeme) });
    isScalar = false;
    start += lexeme.length;
  }
  return lexemes;
}

function kindOf(lexeme: string): Lexeme["kind"] {
  if (/^[ \t]+$/.test(lexeme)) return "space";
  if (/^\r?\n$/.test(lexeme)) return "break";
  return MARK.test(lexeme) ? "mark" : "other";
}
