/** Messages behind the name of a secret, as Protobuf's text format has them: `auth_password { inline_string: "x" }`. */
import type { Spans } from "../spans.ts";
import { kindOfNamed } from "./name-kinds.ts";
import { endsName, type NameRules } from "./names.ts";
import type { Reach } from "./reach.ts";
import { endOfTyped } from "./typed-values.ts";

const SPACE = 32;
/** A field's name is in small letters: a type's is not. Behind other signs it is a part of a path or a selector. */
const NAME = /(?:^|[\s"'`{}([,;>=])([a-z]\w{0,63}) {1,2}$/;
const LONGEST_NAME = 68;
const FIELD = String.raw`(?:[A-Za-z_]\w{0,63}|\[[\w./-]{1,128}\])`;
const WORD = String.raw`(?:[A-Za-z_]\w{0,63}|-?[\d.][\w.+-]{0,31})`;
const TEXT = String.raw`"(?:[^"\\\n]|\\.){0,512}"`;
/** Up to the first text: what has none is code, or says nothing. A comma or semicolon behind it is of another language. */
const UP_TO_TEXT: RegExp = new RegExp(
  String.raw`\{\s{0,64}(?:${FIELD}(?: {0,2}\{|: {0,2}(?:\{|${WORD}\s))\s{0,64}){0,8}${FIELD}: {0,2}(?:\["|(?!${TEXT}\s{0,4}[,;])")`,
  "y",
);

/** True when the name of a secret may stand in front of the brace at `brace`. */
export function followsFieldName(text: string, brace: number, names: NameRules): boolean {
  if (text.charCodeAt(brace - 1) !== SPACE) return false;
  const end = text.charCodeAt(brace - 2) === SPACE ? brace - 2 : brace - 1;
  return endsName(text, end, names.endings);
}

/** Looks at the message whose brace stands at `brace`: all of it goes. */
export function findMessage(text: string, brace: number, names: NameRules, reach: Reach, found: Spans): void {
  if (brace < reach.composed) return;
  const name = NAME.exec(text.slice(Math.max(0, brace - LONGEST_NAME), brace))?.[1];
  UP_TO_TEXT.lastIndex = brace;
  if (name === undefined || UP_TO_TEXT.exec(text) === null) return;
  const start = text.lastIndexOf(name, brace);
  const kind = kindOfNamed(text, { name, start, at: brace, isAssigned: false }, names);
  if (kind === undefined) return;
  reach.composed = endOfTyped(text, brace);
  found.add(brace, reach.composed, kind);
}
