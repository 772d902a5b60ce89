/**
 * Characters beyond ASCII, by their bytes in UTF-8: those of the scripts that most texts are in are known to be
 * plain; of the others it is not decided here whether they stand for something else.
 */

export const PLAIN = 0;
/** A space or hyphen of another kind. */
export const SEPARATOR = 1;
/** It stands for another character, or may. */
export const FOLDABLE = 2;

/** How many bytes a character has, by its first one. */
export function widthOf(first: number): number {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

/** What the character is that begins at `at`. */
export function kindOf(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  const third = bytes[at + 2] ?? 0;
  switch (first) {
    case 0xc2: // U+0080 to U+00BF
      return second === 0xa0 ? SEPARATOR : isPlainLatin(second) ? PLAIN : FOLDABLE;
    case 0xe2:
      return second === 0x80 ? kindOfPunctuation(third) : FOLDABLE;
    case 0xe3:
      return kindOfKana(second, third);
    case 0xf0: // U+1F300 to U+1F9FF: pictures
      return second === 0x9f && third >= 0x8c && third <= 0xa7 ? PLAIN : FOLDABLE;
    default:
      return isPlainScript(first) ? PLAIN : FOLDABLE;
  }
}

/** Signs of U+00A1 to U+00BF that stand for nothing else: section, copyright, degree, quotes and the like. */
function isPlainLatin(second: number): boolean {
  return (
    second >= 0xa1 &&
    second <= 0xbf &&
    ![0xa8, 0xaa, 0xad, 0xaf, 0xb2, 0xb3, 0xb4, 0xb8, 0xb9, 0xba].includes(second)
  );
}

/** U+3040 to U+30FF are kana, marks that stand alone (U+3099, U+309A) and a hyphen (U+30A0) among them. */
function kindOfKana(second: number, third: number): number {
  if (second < 0x81 || second > 0x83) return FOLDABLE;
  if (second !== 0x82) return PLAIN;
  if (third === 0xa0) return SEPARATOR;
  return third >= 0x99 && third <= 0x9c ? FOLDABLE : PLAIN;
}

/** U+2000 to U+203F. */
function kindOfPunctuation(third: number): number {
  if (third <= 0x8a || (third >= 0x90 && third <= 0x95) || third === 0xaf) return SEPARATOR;
  // Quotes, daggers, bullets, the ellipsis, signs of thousandths.
  return (third >= 0x98 && third <= 0xa3) || third === 0xa6 || (third >= 0xb0 && third <= 0xb8)
    ? PLAIN
    : FOLDABLE;
}

/** Latin (C3 to C8), Greek (CE, CF), Cyrillic (D0, D1), ideographs (E4 to E9), Hangul syllables (EB, EC). */
function isPlainScript(first: number): boolean {
  if (first >= 0xc3 && first <= 0xc8) return true;
  if (first >= 0xce && first <= 0xd1) return true;
  return (first >= 0xe4 && first <= 0xe9) || first === 0xeb || first === 0xec;
}
