/** The library's lexer, whose lexemes are here told apart as far as anybody wants to know, with their places. */
import { Lexer } from "yaml";

export interface Lexeme {
  readonly text: string;
  readonly start: number;
  /**
   * `mark`: punctuation that gives structure. `scalar`: a plain text, or one in a block. `cut`: nothing is written there,
   * but what was opened with braces or brackets ends, since a line begins too far to the left. `other`: a text in quotes, a
   * comment, a tag and the like.
   */
  readonly kind: "space" | "break" | "mark" | "scalar" | "cut" | "other";
}

/** What the lexer puts in between: a document, the early end of a flow, a scalar that follows. */
const [DOCUMENT, FLOW_END, SCALAR] = ["\u0002", "\u0018", "\u001f"] as const;
const CONTROLS = [DOCUMENT, FLOW_END, SCALAR];

const MARK = /^(?:[-?:,{}[\]]|---)$/;

/** The lexemes of a text, in order; none where that cannot be told. */
export function lex(text: string): readonly Lexeme[] {
  const lexemes: Lexeme[] = [];
  // In a text that holds them, the lexer's own marks could not be told from it.
  if (CONTROLS.some((control) => text.includes(control))) return lexemes;
  let start = 0;
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === DOCUMENT) continue;
    if (lexeme === FLOW_END) {
      lexemes.push({ text: "", start, kind: "cut" });
      continue;
    }
    if (lexeme === SCALAR) {
      isScalar = true;
      continue;
    }
    // A place that is not certain is none.
    if (!text.startsWith(lexeme, start)) return [];
    lexemes.push({ text: lexeme, start, kind: isScalar ? "scalar" : kindOf(lexeme) });
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
