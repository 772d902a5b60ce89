/**
 * Blanks as a form has them, `+` (application/x-www-form-urlencoded: URL Standard, section 5.1): `q=two+words`. In any
 * other text it is a sign.
 */
import { classOf, SPACE } from "./characters.ts";
import { type Folded, isEncodedByte } from "./fold.ts";

const PLUS = 43;
const PERCENT = 37;
const EQUALS = 61;
const QUOTE = 34;

const FORM = /[=%]/;

/** Whether a text is within a form at `at`, as it was or was not in front of it. */
function isInForm(text: string, at: number, was: boolean): boolean {
  const code = text.charCodeAt(at);
  if (code === EQUALS || (code === PERCENT && isEncodedByte(text, at))) return true;
  // A form has these encoded.
  const isApart = (classOf(code) & SPACE) !== 0 || code === QUOTE || code === 60 || code === 62;
  return was && !isApart;
}

/** True when a text has a blank of a form in it that is not encoded itself. */
export function hasFormBlanks(text: string): boolean {
  if (!FORM.test(text)) return false;
  let isForm = false;
  for (let at = 0, last = text.lastIndexOf("+"); at <= last; at++) {
    isForm = isInForm(text, at, isForm);
    if (isForm && text.charCodeAt(at) === PLUS) return true;
  }
  return false;
}

/**
 * A folded text with blanks where its forms have them.
 *
 * @param text what it was made of
 * @returns `undefined` when they have none
 */
export function withFormBlanks(text: string, folded: Folded): Folded | undefined {
  // A form within a form has them encoded.
  const isNested = /%(?:25|3d)/i.test(text);
  const pieces: string[] = [];
  let from = 0;
  let isForm = false;
  for (let i = folded.text.indexOf("+") < 0 ? folded.text.length : 0; i < folded.text.length; i++) {
    const at = folded.starts[i] ?? 0;
    isForm = isInForm(text, at, isForm);
    if (!isForm || folded.text.charCodeAt(i) !== PLUS || (text.charCodeAt(at) !== PLUS && !isNested))
      continue;
    pieces.push(folded.text.slice(from, i));
    from = i + 1;
  }
  if (pieces.length === 0) return undefined;
  pieces.push(folded.text.slice(from));
  return { ...folded, text: pieces.join(" ") };
}
