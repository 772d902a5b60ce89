/**
 * How whatever a rule finds begins, or what is in it for sure: a pattern each, as short as it can be for ordinary
 * text to have none of them. A rule that comes to find more needs its pattern here; a test holds the two together.
 */
import type { EnabledCategories } from "../categories.ts";
import type { WrittenEnding } from "../key-words.ts";
import { FORMS } from "../rules/api-keys.ts";
import { IBAN_COUNTRIES } from "../rules/iban.ts";
import { addBeyond } from "./beyond-ascii.ts";
import { bytes, createPlace, expect, follow, lead, type Place } from "./places.ts";

const DIGITS = "0123456789";
const CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LETTERS: string = CAPITALS + CAPITALS.toLowerCase();
const ALNUM: string = DIGITS + LETTERS;
const HEX: string = `${DIGITS}abcdefABCDEF`;
const ASCII: string = bytes(0, 127);
/** What may stand in front of something that begins a word; the beginning of a text is such, too. */
const NO_ALNUM: string = allBut(ALNUM);
const NO_LETTERS: string = allBut(LETTERS);
/** What may hold digits apart that are one number. */
const SEPARATORS = " -._/+\t";

function allBut(set: string): string {
  return Array.from(bytes(0, 255))
    .filter((character) => !set.includes(character))
    .join("");
}

/** The patterns, as places: those that begin anywhere, and those that begin where no letter or digit stands in front. */
export interface Beginnings {
  readonly anywhere: Place;
  readonly boundary: Place;
  /** Never left once it is reached: there is a space or hyphen of another kind, which matters beside digits alone. */
  readonly separated: Place;
}

/** @param nameEndings how names end that stand for a secret */
export function createBeginnings(
  enabled: EnabledCategories,
  nameEndings: readonly WrittenEnding[],
): Beginnings {
  const anywhere = createPlace();
  const boundary = follow(anywhere, [NO_ALNUM]);
  addMarks(anywhere, enabled);
  addNames(anywhere, nameEndings);
  addClauses(anywhere);
  addNumbers(anywhere, boundary, enabled);
  addIbans(boundary);
  addKeys(anywhere, boundary);
  addHashes(anywhere);
  const separated = createPlace();
  lead(separated, bytes(0, 255), separated);
  addBeyond(anywhere, separated);
  return { anywhere, boundary, separated };
}

function addMarks(anywhere: Place, { ip }: EnabledCategories): void {
  // An address; an escape, of which nobody knows what it stands for before it is folded.
  lead(anywhere, "@\\\u001b");
  expect(anywhere, ["%", HEX]);
  // A `=` of quoted-printable text.
  expect(anywhere, ["=", "3", "dD"]);
  // A control character in rsyslog's numbers.
  expect(anywhere, [SOLID_MARKS, "01", "01237", DIGITS]);
  // The line under the names of a table.
  expect(anywhere, ["-", "+|", "-"]);
  // The option of a command, or a PEM block.
  expect(anywhere, ["-", "-", `${LETTERS}-`]);
  const option = follow(anywhere, [" +\r\n\"'", "-"]);
  lead(option, "pP");
  addShort(option, LONGEST_SHORT);
  expect(option, ["aA", " +"]);
  expect(option, [LETTERS, LETTERS, LETTERS, LETTERS]);
  // The opening tag of an element, if it ends with an attribute.
  expect(anywhere, ["\"'", ">"]);
  // Any colon may be an address's.
  if (ip) lead(anywhere, ":");
  // A reference of HTML's.
  expect(anywhere, ["&", MARKS, `${DIGITS}xX`]);
  for (const name of ["quot", "apos", "commat", "nbsp", "lt", "gt"])
    expect(anywhere, ["&", ...Array.from(name, anyCase), MARKS]);
  expect(anywhere, ["&", "aA", "mM", "pP", MARKS, MARKS + LETTERS]);
}

const LONGEST_SHORT = 5;
/** `#` and `;`, among bytes that no pattern tells apart: the fewer classes, the smaller the table. */
const MARKS = "!#$()*;<?]^`{|}";
/** Those of them that no walk leaves out. */
const SOLID_MARKS = "#$()*;<?]^";

/** A `u` behind so many other letters at most. */
function addShort(option: Place, others: number): void {
  lead(option, "uU");
  if (others === 0) return;
  const next = createPlace();
  lead(option, LETTERS, next);
  addShort(next, others - 1);
}

/** What stands in front of a password in SQL and PowerShell. */
function addClauses(anywhere: Place): void {
  const quotes = "\"'";
  for (const clause of ["password ", "identified by ", "securestring "]) {
    addLiteral(follow(anywhere, Array.from(clause, spaceOrLetter)));
  }
  // What is told of one, and of a path.
  const told = follow(anywhere, Array.from("password ", spaceOrLetter));
  const telling = createPlace();
  lead(told, allBut("\r\n:="), telling);
  lead(telling, allBut("\r\n:="), telling);
  lead(telling, ":=");
  expect(anywhere, [..."Path `"]);
  expect(anywhere, [..."Validator failed"]);
  expect(anywhere, ['")', ...' at path "']);
  // A function, or Redis and its protocol.
  expect(anywhere, [...Array.from("password", anyCase), MARKS, quotes]);
  expect(anywhere, [quotes, ...Array.from("auth", anyCase), quotes, " ", quotes]);
  // Rows of values.
  const values = follow(anywhere, Array.from("values", anyCase));
  lead(values, " \t\r\n", values);
  const value = follow(anywhere, Array.from("value", anyCase));
  lead(value, " \t\r\n", value);
  lead(value, SOLID_MARKS);
  lead(values, SOLID_MARKS);
  // A form's space, comments, and rows that are named so.
  lead(values, "+", values);
  expect(values, ["/", SOLID_MARKS]);
  expect(values, ["-", "-"]);
  const row = follow(values, Array.from("row", anyCase));
  lead(row, " \t\r\n", row);
  lead(row, SOLID_MARKS);
  // As PHP writes texts.
  expect(anywhere, [quotes, SOLID_MARKS, "sS", ":="]);
  // What MySQL says is there already.
  expect(anywhere, [..."entry '"]);
  const plugin = createPlace();
  lead(follow(anywhere, Array.from("identified with", spaceOrLetter)), " +", plugin);
  lead(plugin, `${ALNUM}_`, plugin);
  addLiteral(follow(plugin, [" +", ...Array.from("by ", spaceOrLetter)]));
}

/** A literal of SQL, behind more spaces or none: `'x'`, `E'x'`, `U&'x'`, `_utf8'x'`. */
function addLiteral(from: Place): void {
  lead(from, " +", from);
  lead(from, "\"'_");
  expect(from, ["nebxqNEBXQ", "'"]);
  expect(from, ["uU", "&", "'"]);
}

function spaceOrLetter(character: string): string {
  return character === " " ? " +" : anyCase(character);
}

/** Names in front of a sign, or at the end of an element's tag. */
function addNames(anywhere: Place, endings: readonly WrittenEnding[]): void {
  const gap = createPlace();
  lead(gap, NO_LETTERS, gap);
  lead(gap, ":=");
  expect(gap, ["<", ">"]);
  addCells(gap);
  const compared = createPlace();
  lead(compared, " \t\r\n)]", compared);
  addComparisons(compared);
  // The name of a form's part ends its line; in a list the value follows.
  const quoted = createPlace();
  lead(quoted, " \t)]", quoted);
  lead(quoted, "\r\n,\"'");
  // The arrow of a map; an attribute of HTML.
  expect(quoted, ["-", ">"]);
  expect(quoted, [..."content="]);
  addComparisons(quoted);
  lead(gap, "\"'", quoted);
  // A message of Protobuf's, up to the colon of its first field.
  const message = createPlace();
  lead(message, `${ALNUM}${SEPARATORS}\r\n[${MARKS}`, message);
  lead(message, ":");
  for (const { text, inRow } of endings) {
    const name = followApart(anywhere, Array.from(text, anyCase), inRow);
    lead(name, NO_LETTERS, gap);
    lead(name, ":=>");
    // A table's.
    lead(name, "\r\n");
    expect(name, [`\t${SOLID_MARKS}`, `${ALNUM}"' ,;\t\n<`]);
    // And a pair's.
    expect(name, [",", bytes(0, 255)]);
    addCells(name);
    lead(follow(name, [" "]), MARKS, message);
    lead(follow(name, [" ", " "]), MARKS, message);
    expect(name, [" ", "(["]);
    expect(name, [" ", "-", ">"]);
    lead(name, " \t\r\n`)]", compared);
    lead(name, "\"'", quoted);
  }
}

/** The end of a cell or a term of HTML: `</td`. */
function addCells(behindName: Place): void {
  expect(behindName, [SOLID_MARKS, "/", "tTdD", "dDhHtT"]);
}

/** What a column is compared with. */
function addComparisons(behindName: Place): void {
  for (const not of ["", "not "]) {
    const listed = follow(behindName, Array.from(`${not}in`, spaceOrLetter));
    lead(listed, " \t\r\n", listed);
    lead(listed, "(");
    for (const word of ["like ", "ilike ", "rlike ", "eq ", "ne "])
      expect(behindName, [...Array.from(not + word, spaceOrLetter), "\"'"]);
  }
}

/** What may stand between the words of a name. */
const NAME_MARKS = "-_.[";
/** Names that end in `key`, and others as short: a space may stand in front of it. */
const KEY = 3;

/**
 * Lets letters lead on one after the other, with any marks in front of the last of them: `api_key` is `apikey`. No place
 * is shared with another name, which may have its marks elsewhere.
 */
function followApart(from: Place, letters: readonly string[], inRow: number): Place {
  let place = from;
  for (const [i, letter] of letters.entries()) {
    const next = createPlace();
    lead(place, letter, next);
    if (i > 0 && i <= letters.length - inRow) {
      const apart = createPlace();
      const marks = inRow === KEY ? `${NAME_MARKS} ` : NAME_MARKS;
      lead(place, marks, apart);
      lead(apart, marks, apart);
      lead(apart, letter, next);
    }
    place = next;
  }
  return place;
}

/** A letter as it is written in a text; of others it is not said how. */
function anyCase(letter: string): string {
  return LETTERS.includes(letter) ? letter.toLowerCase() + letter.toUpperCase() : ASCII;
}

const FEWEST_CARD = 12;
const FEWEST_PHONE = 7;
const FEWEST_IPV4 = 4;

function addNumbers(anywhere: Place, boundary: Place, { phone, ip }: EnabledCategories): void {
  if (ip || phone) {
    const least = ip ? FEWEST_IPV4 : FEWEST_PHONE;
    lead(anywhere, DIGITS, countOn(1, least));
  }
  // A card. Fewer than three letters in front of a number make it a part of something else, as in digests.
  const first = countOn(1, FEWEST_CARD);
  const word = follow(anywhere, [LETTERS, LETTERS, LETTERS]);
  lead(word, LETTERS, word);
  lead(word, DIGITS, first);
  lead(boundary, DIGITS, first);
  // Social security numbers.
  const nine = repeat(DIGITS, 9);
  expect(boundary, [...nine, NO_ALNUM]);
  expect(boundary, [...nine.toSpliced(3, 0, "- +").toSpliced(6, 0, "- +"), NO_ALNUM]);
}

/** The place behind `count` digits, where `least` of them end a pattern; a separator, two spaces or ` - ` may hold two apart. */
function countOn(count: number, least: number): Place {
  const next = count + 1 < least ? countOn(count + 1, least) : undefined;
  const place = createPlace(count);
  const apart = createPlace(count);
  const spaced = createPlace(count);
  const hyphened = createPlace(count);
  lead(place, DIGITS, next);
  lead(place, SEPARATORS, apart);
  lead(place, " +", spaced);
  lead(spaced, " +", apart);
  lead(spaced, "-", hyphened);
  lead(hyphened, " +", apart);
  lead(apart, DIGITS, next);
  return place;
}

/** Characters of the shortest code of an authorization. */
const SHORTEST_CODE = 8;

/** Of the shortest account number there are eleven characters, and there may be separators. */
const SEEN_OF_ACCOUNT = 6;

function addIbans(boundary: Place): void {
  const account = createPlace();
  expect(account, repeat(`${ALNUM}${SEPARATORS}`, SEEN_OF_ACCOUNT));
  for (const country of IBAN_COUNTRIES) {
    lead(follow(boundary, [...Array.from(country, anyCase), DIGITS]), DIGITS, account);
  }
}

function repeat(set: string, count: number): string[] {
  return Array.from({ length: count }, () => set);
}

/** The id of a bot, digits in base64, and six characters behind it. */
function addDiscord(boundary: Place): void {
  const part = `${ALNUM}-_`;
  const behind = createPlace();
  expect(behind, [...repeat(part, 6), ".", ...repeat(part, 12)]);
  const digits = ["MNO", "DTjz", "AEIMQUYcgk", "wxyz012345"];
  const shortest = follow(boundary, [...digits, ...digits, ...digits, ...digits, ...digits]);
  for (const more of [0, 1, 2, 3, 4, 5, 6, 7]) lead(follow(shortest, repeat(ALNUM, more)), ".", behind);
}

const SCHEMES: readonly (readonly [first: string, rest: string])[] = [
  ["bB", "earer"],
  ["bB", "asic"],
  ["N", "egotiate"],
  ["N", "tlm"],
  ["S", "sws"],
];

/** Four and five are of one class as well. */
function widen(character: string): string {
  return character === "4" || character === "5" ? "45" : character;
}

function addKeys(anywhere: Place, boundary: Place): void {
  for (const { prefix } of FORMS) expect(boundary, Array.from(prefix, widen));
  // A line of a Dockerfile, commands of protocols; a key of PuTTY's.
  for (const command of ["ENV ", "AUTH ", "PASS "]) expect(boundary, [...command]);
  expect(anywhere, [..."Private-Lines: "]);
  for (const [first, rest] of SCHEMES) expect(boundary, [first, ...Array.from(rest, anyCase), " \t+:"]);
  // JSON Web Tokens.
  expect(boundary, ["e", "y", "J"]);
  expect(anywhere, [".", "e", "wy"]);
  // PEM blocks in base64; Azure's, Salesforce's and Mailgun's keys.
  expect(anywhere, [..."CRUdJ"]);
  expect(anywhere, [..."JQQJ", DIGITS]);
  expect(boundary, [..."00D"]);
  // The code of an authorization.
  expect(anywhere, [`${MARKS}&`, ..."code", "="]);
  expect(boundary, [..."code", "=", ...repeat(`${ALNUM}_.~%/+-`, SHORTEST_CODE)]);
  // Webhooks of Slack, Zapier, Teams and Discord.
  for (const host of ["ooks.s", "ooks.z", "hook.o", "cord.c", "dapp.c"]) expect(anywhere, [...host]);
  // Bots of Telegram.
  expect(anywhere, [DIGITS, ":", "A", "A"]);
  // Google's refresh tokens.
  expect(boundary, [..."1//0"]);
  // Twilio's.
  const lowerHex = "0123456789abcdef";
  expect(anywhere, [...repeat(lowerHex, 4), "-", ...repeat(lowerHex, 8), "-", lowerHex]);
  for (const first of ["SK", "AC"]) expect(boundary, [...first, lowerHex, lowerHex, lowerHex, lowerHex]);
  // Mailchimp's, Azure's, Airtable's.
  expect(anywhere, [lowerHex, lowerHex, lowerHex, lowerHex, ..."-us", DIGITS]);
  expect(anywhere, [DIGITS, "Q", "~"]);
  expect(boundary, [..."pat", ...repeat(ALNUM, 14), ".", ...repeat(lowerHex, 8)]);
  addDiscord(boundary);
  // Databricks'.
  for (const prefix of ["dapi", "dose"]) {
    const key = follow(boundary, [...prefix]);
    lead(key, "abcdefABCDEF", key);
    lead(key, DIGITS);
  }
}

/** Hashes of passwords, by their `$` and what they are called. */
function addHashes(anywhere: Place): void {
  expect(anywhere, [SOLID_MARKS, "2", LETTERS, SOLID_MARKS, DIGITS]);
  expect(anywhere, [SOLID_MARKS, `${DIGITS}y`, SOLID_MARKS, ALNUM]);
  for (const name of ["gy", "apr1"]) expect(anywhere, [SOLID_MARKS, ...name, SOLID_MARKS]);
  for (const name of ["argon2", "pbkdf2"]) expect(anywhere, [SOLID_MARKS, ...name]);
  expect(anywhere, [SOLID_MARKS, ..."scrypt", `${SOLID_MARKS}-`]);
  expect(anywhere, [..."pbkdf2_"]);
}
