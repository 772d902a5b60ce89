/**
 * Which keys hold a secret (semantics, section 8): a key is split into words, and its last one, two or three
 * words joined are looked up.
 */

/** What a value under the key is, for text in which the key is found. */
export type KeyKind = "passwords" | "tokens" | "api_keys" | "ssn" | "blocked_keys";

const PASSWORDS =
  "password passwords passwd pwd passphrase passcode dbpass userpass sshpass rootpass mysqlpass smtppass " +
  "passwort kennwort wachtwoord motdepasse contrasena senha " +
  "passwordconfirmation passwordconfirm passwordrepeat passwordagain passwordretype passwordverify passwordhash " +
  "passwordhashes passwordsalt passworddigest passwordplain passwordplaintext passwordencrypted passwordvalue " +
  "passwdhash pwdhash storepass keypass authpass loginpass adminpass ftppass mailpass emailpass redispass requirepass bindpw rootpw userpw dbpw adminpw authpw " +
  "becomepass sudopass seedphrase recoveryphrase mnemonicphrase";
const TOKENS =
  "token accesstoken refreshtoken idtoken authtoken bearertoken sessiontoken jwt otp totp cookie cookies setcookie " +
  "session jsessionid phpsessid sessid connectsid netsessionid csrf xsrf csrftoken xsrftoken accesstokens " +
  "refreshtokens idtokens authtokens bearertokens sessiontokens apitokens samlresponse samlrequest clientassertion " +
  "codeverifier tokenvalue authcode authorizationcode verificationcode onetimecode mfacode otpcode totpcode " +
  "accesscode recoverycode recoverycodes backupcode backupcodes";
const API_KEYS =
  "secret secrets apikey authorization auth privatekey credential credentials accesskey clientsecret secretkey " +
  "secretaccesskey signingkey encryptionkey masterkey sshkey sharedkey sessionkey sharedaccesskey accountkey " +
  "sharedaccesssignature bearer cvv cvc hmackey apikeys accesskeys privatekeys secretkeys signingkeys encryptionkeys " +
  "secretkeybase secretvalue amzsignature googsignature subscriptionkey functionskey authkey appkey applicationkey " +
  "licensekey authheader secretstring clientkeydata securitycode secretbinary psk presharedkey unsealkey recoverykey";
const SSNS = "ssn socialsecurity socialsecuritynumber";

/** Too common as keys: a secret's name in `name=value` alone; `pass`, `pw` and `signature` in a query alone. */
const ASSIGNED: ReadonlyMap<string, KeyKind> = new Map<string, KeyKind>([
  ["pass", "passwords"],
  ["pw", "passwords"],
  ["sid", "tokens"],
  ["sig", "api_keys"],
  ["signature", "api_keys"],
]);

/** Last words are also written as one with what is in front of them: `PGPASSWORD`, `dbpwd`. `OLDPWD` is a folder. */
const JOINED: readonly (readonly [kind: KeyKind, ending: RegExp])[] = [
  ["passwords", /(?:passwords?|passwd|passphrase|(?<!old)pwd)$/],
  ["tokens", /token$/],
  ["api_keys", /(?:apikeys?|secret|secretkey|privatekey)$/],
];

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
  /** The length of the last word of entries of the user's. */
  readonly #lastWords = new Map<string, number>();
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
      this.#lastWords.set(words.join(""), words.at(-1)?.length ?? 0);
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
    const last = words.at(-1) ?? "";
    return JOINED.find(([, ending]) => ending.test(last))?.[0];
  }

  /** The kind of secret that a name of these words stands for in front of a `=` alone. */
  kindOfAssigned(words: readonly string[]): KeyKind | undefined {
    return ASSIGNED.get(words.at(-1) ?? "");
  }

  /** True when the key of these words may be blocked together with the key of the map that it stands in. */
  mayJoin(words: readonly string[]): boolean {
    return words.length > 0 && words.length < MAX_WORDS && TAILS.has(words.at(-1) ?? "");
  }

  /** Which last four letters entries have: in text, a name that ends otherwise needs no look-up. */
  endings(): NameEndings {
    const names = new Map<string, number>(
      [...ASSIGNED.keys(), VALUE, INPUT].map((name) => [name, name.length]),
    );
    for (const name of this.#kinds.keys()) {
      const last = this.#lastWords.get(name) ?? (SHORT_WORD.test(name) ? 3 : name.length);
      names.set(name, Math.min(last, names.get(name) ?? last));
    }
    return new NameEndings(names);
  }
}

/** Entries whose last word has three letters: any mark may stand in front of it. */
const SHORT_WORD = /(?:key|sid|pwd)$/;

/** The key beside that of a name: `{"name": "password", "value": "x"}`. */
export const VALUE = "value";

/** The key of what an error repeats: `{"loc": ["password"], "input": "x"}`. */
export const INPUT = "input";

/** More of the end of a name, the words in it joined. */
export interface WrittenEnding {
  readonly text: string;
  /** So many of its letters stand in a row, without a mark between them. */
  readonly inRow: number;
}

/** The last four letters of names, in little room; now and then it takes others for one of them. */
export class NameEndings {
  /** By the last three letters: a bit for the letter in front of them. */
  readonly letters: Uint8Array = new Uint8Array(32 ** 3);
  readonly written: readonly WrittenEnding[];

  /** @param names each with the length of its last word: what stands in front of that may be a mark */
  constructor(names: ReadonlyMap<string, number>) {
    this.written = Array.from(names, ([name, length]) => ({
      text: name.slice(-MAX_WRITTEN),
      inRow: Math.min(length, IN_ROW),
    }));
    for (const [name, length] of names) {
      const [fourth, third, second, last] = [4, 3, 2, 1].map((place) => name.charCodeAt(name.length - place));
      // In front of a short name any character may stand.
      for (let any = 0; any < 32; any++) {
        const place = placeOf(length < 3 ? any : (third ?? 0), second ?? 0, last ?? 0);
        this.letters[place] = (this.letters[place] ?? 0) | (length < 4 ? ANY : bitOf(fourth ?? 0));
      }
    }
  }

  /** True when one of the names may end in these letters, whatever their case. */
  has(fourth: number, third: number, second: number, last: number): boolean {
    return ((this.letters[placeOf(third, second, last)] ?? 0) & bitOf(fourth)) !== 0;
  }
}

const IN_ROW = 4;
/** So long that ordinary words end otherwise: `information`, `version`, `response`. */
const MAX_WRITTEN = 9;

/** The bits of all letters. */
const ANY = 0xff;

function placeOf(third: number, second: number, last: number): number {
  return ((third & 31) << 10) | ((second & 31) << 5) | (last & 31);
}

function bitOf(letter: number): number {
  return 1 << (letter & 7);
}
