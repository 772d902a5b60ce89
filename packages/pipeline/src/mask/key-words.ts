/**
 * Which keys hold a secret (semantics, section 8): a key is split into words, and its last one, two or three
 * words joined are looked up.
 */

/** What a value under the key is, for text in which the key is found. */
export type KeyKind = "passwords" | "tokens" | "api_keys" | "ssn" | "blocked_keys";

const PASSWORDS =
  "password passwords passwd pwd passphrase passcode dbpass userpass sshpass rootpass mysqlpass smtppass";
const TOKENS =
  "token accesstoken refreshtoken idtoken authtoken bearertoken sessiontoken jwt otp totp cookie cookies setcookie " +
  "session jsessionid phpsessid sessid connectsid csrf xsrf";
const API_KEYS =
  "secret secrets apikey authorization auth privatekey credential credentials accesskey clientsecret secretkey " +
  "secretaccesskey signingkey encryptionkey masterkey sshkey sharedkey sessionkey sharedaccesskey accountkey " +
  "sharedaccesssignature bearer cvv cvc hmackey";
const SSNS = "ssn socialsecurity socialsecuritynumber";

const BUILT_IN: readonly (readonly [kind: KeyKind, entries: string])[] = [
  ["passwords", PASSWORDS],
  ["tokens", TOKENS],
  ["api_keys", API_KEYS],
  ["ssn", SSNS],
];

/** The longest name that is split; what is longer is judged by its end. */
const MAX_NAME = 256;

/** A word: capitals that belong together, a capital with small letters, small letters, or digits. */
const WORD = /\p{Lu}{1,64}(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lt}\p{Lm}\p{Lo}\p{M}]{1,64}|\p{Nd}{1,64}/gu;

/** The words of a key, in lower case, without the numbers at its end: `db_password[0]` is `db`, `password`. */
export function splitKey(key: string): string[] {
  const end = key.length > MAX_NAME ? key.slice(-MAX_NAME) : key;
  const words = Array.from(end.matchAll(WORD), ([word]) => word.toLowerCase());
  while (words.length > 1 && /^\p{Nd}/u.test(words.at(-1) ?? "")) words.pop();
  return words;
}

/** Longer joins are made only where an entry of the user's has more words. */
const MAX_WORDS = 3;

/** Last words of entries that may be written as several: a key in a map is looked up with the map's own key. */
const TAILS: ReadonlySet<string> = new Set(["key", "pass", "signature", "number", "security", "sid"]);

/** The keys that are blocked, compiled. */
export class BlockedKeys {
  readonly #kinds = new Map<string, KeyKind>();
  #maxWords = MAX_WORDS;

  /** @param further entries of the user's, in any way of writing */
  constructor(further: readonly string[]) {
    for (const [kind, entries] of BUILT_IN) {
      for (const entry of entries.split(" ")) this.#kinds.set(entry, kind);
    }
    for (const entry of further) {
      const words = splitKey(entry);
      if (words.length === 0) continue;
      this.#maxWords = Math.max(this.#maxWords, words.length);
      if (!this.#kinds.has(words.join(""))) this.#kinds.set(words.join(""), "blocked_keys");
    }
  }

  /** The kind of secret that the key of these words names; `undefined` for any other key. */
  kindOf(words: readonly string[]): KeyKind | undefined {
    let joined = "";
    for (let count = 1; count <= this.#maxWords && count <= words.length; count++) {
      joined = (words.at(-count) ?? "") + joined;
      const kind = this.#kinds.get(joined);
      if (kind !== undefined) return kind;
    }
    return undefined;
  }

  /** True when the key of these words may be blocked together with the key of the map that it stands in. */
  mayJoin(words: readonly string[]): boolean {
    return words.length > 0 && words.length < MAX_WORDS && TAILS.has(words.at(-1) ?? "");
  }

  /** Which last four letters entries have: in text, a name that ends otherwise needs no look-up. */
  endings(): NameEndings {
    return new NameEndings(this.#kinds.keys());
  }
}

/** The last four letters of names, in little room; now and then it takes others for one of them. */
export class NameEndings {
  /** By the last three letters: a bit for the letter in front of them. */
  readonly letters: Uint8Array = new Uint8Array(32 ** 3);

  constructor(names: Iterable<string>) {
    for (const name of names) {
      const [fourth, third, second, last] = [4, 3, 2, 1].map((place) => name.charCodeAt(name.length - place));
      // In front of a short name any character may stand.
      for (let any = 0; any < 32; any++) {
        const place = placeOf(name.length < 3 ? any : (third ?? 0), second ?? 0, last ?? 0);
        this.letters[place] = (this.letters[place] ?? 0) | bitOf(name.length < 4 ? any : (fourth ?? 0));
      }
    }
  }

  /** True when one of the names may end in these letters, whatever their case. */
  has(fourth: number, third: number, second: number, last: number): boolean {
    return ((this.letters[placeOf(third, second, last)] ?? 0) & bitOf(fourth)) !== 0;
  }
}

function placeOf(third: number, second: number, last: number): number {
  return ((third & 31) << 10) | ((second & 31) << 5) | (last & 31);
}

function bitOf(letter: number): number {
  return 1 << (letter & 7);
}
