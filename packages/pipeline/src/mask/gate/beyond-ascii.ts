/**
 * Characters beyond ASCII, by their bytes in UTF-8: those of the scripts that most texts are in are known to be plain;
 * of the others it is not decided here whether they stand for something else.
 */
import { bytes, follow, lead, type Place } from "./places.ts";

/** U+0080 to U+00BF: signs that stand for nothing else, such as section, copyright, degree and quotes. */
const PLAIN_LATIN: readonly number[] = [
  0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa9, 0xab, 0xac, 0xae, 0xb0, 0xb1, 0xb5, 0xb6, 0xb7, 0xbb, 0xbc,
  0xbd, 0xbe, 0xbf,
];

/** Latin, Greek, Cyrillic, ideographs, Hangul syllables: the first bytes of what is plain throughout. */
const PLAIN_SCRIPTS: string = bytes(0xc3, 0xc8) + bytes(0xce, 0xd1) + bytes(0xe4, 0xe9) + bytes(0xeb, 0xec);

/** Bytes that do not begin a character. */
const CONTINUING: string = bytes(0x80, 0xbf);

/**
 * Adds, as patterns, the characters that stand for others, or may.
 *
 * @param separated where spaces and hyphens of other kinds lead
 */
export function addBeyond(anywhere: Place, separated: Place): void {
  const open = bytes(0xc2) + bytes(0xe2, 0xe3) + bytes(0xf0);
  lead(anywhere, without(bytes(0xc0, 0xff), PLAIN_SCRIPTS + open));
  const latin = follow(anywhere, [bytes(0xc2)]);
  lead(latin, bytes(0xa0), separated);
  lead(latin, without(CONTINUING, bytes(0xa0) + String.fromCharCode(...PLAIN_LATIN)));
  addPunctuation(follow(anywhere, [bytes(0xe2)]), separated);
  addKana(follow(anywhere, [bytes(0xe3)]), separated);
  // U+1F300 to U+1F9FF: pictures.
  const pictures = follow(anywhere, [bytes(0xf0)]);
  lead(pictures, without(CONTINUING, bytes(0x9f)));
  lead(follow(pictures, [bytes(0x9f)]), without(CONTINUING, bytes(0x8c, 0xa7)));
}

/** U+2000 to U+203F; what follows them stands for other characters in part. */
function addPunctuation(place: Place, separated: Place): void {
  lead(place, without(CONTINUING, bytes(0x80)));
  const spaces = bytes(0x80, 0x8a) + bytes(0x90, 0x95) + bytes(0xaf);
  // Quotes, daggers, bullets, the ellipsis, signs of thousandths.
  const plain = bytes(0x98, 0xa3) + bytes(0xa6) + bytes(0xb0, 0xb8);
  const general = follow(place, [bytes(0x80)]);
  lead(general, spaces, separated);
  lead(general, without(CONTINUING, spaces + plain));
}

/** U+3040 to U+30FF are kana, marks that stand alone (U+3099, U+309A) and a hyphen (U+30A0) among them. */
function addKana(place: Place, separated: Place): void {
  lead(place, without(CONTINUING, bytes(0x81, 0x83)));
  const marks = follow(place, [bytes(0x82)]);
  lead(marks, bytes(0xa0), separated);
  lead(marks, bytes(0x99, 0x9c));
}

function without(set: string, left: string): string {
  return Array.from(set)
    .filter((byte) => !left.includes(byte))
    .join("");
}
