/** A name and its value side by side: `{"name": "password", "value": "x"}`, `["Authorization", "Basic ..."]`. */
import { isListedName } from "./listed-names.ts";

const NAMES: ReadonlySet<string> = new Set(
  "name key header field param parameter parameterkey parametername optionname envname".split(" "),
);
const VALUES: ReadonlySet<string> = new Set(
  "value values val parametervalue optionvalue envvalue rejectedvalue".split(" "),
);

/** Longer texts name nothing. */
const MAX_NAME = 64;
const NAME = /^[\w.-]+$/;
/** As stores of secrets have their names, of which the last part says what it is: `/app/db_password`. */
const MAX_PATH = 256;
const PATH = /^[\w./-]*\/([\w.-]{1,64})$/;

/** What is asked of the keys: whether a text names a secret. */
export interface SecretNames {
  isSecretName(name: string): boolean;
}

/** True for a key under which the name of a value stands. */
export function isNameKey(key: string): boolean {
  return NAMES.has(key.toLowerCase());
}

/** True for a key under which the value itself stands. */
export function isValueKey(key: string): boolean {
  return VALUES.has(key.toLowerCase());
}

/** True for a text that names a secret and is nothing else. */
export function namesSecret(names: SecretNames, value: unknown): boolean {
  return (
    typeof value === "string" && value.length <= MAX_NAME && NAME.test(value) && names.isSecretName(value)
  );
}

/** What of the values beside a name is a secret: each one, or a text alone, since paths are counted as well. */
export type Pair = "none" | "any" | "text";

export function pairOf(names: SecretNames, value: unknown): Pair {
  if (namesSecret(names, value)) return "any";
  if (typeof value !== "string" || value.length > MAX_PATH) return "none";
  const last = PATH.exec(value)?.[1];
  return last !== undefined && names.isSecretName(last) ? "text" : "none";
}

/** True when one of a map's values names a secret, so that what stands under `value` is one. */
export function holdsSecretPair(
  names: SecretNames,
  keys: readonly string[],
  values: readonly unknown[],
): boolean {
  const at = keys.findIndex(isValueKey);
  if (at < 0) return false;
  const pairs = keys.map((key, i) => (isNameKey(key) ? pairOf(names, values[i]) : "none"));
  return pairs.includes("any") || (pairs.includes("text") && typeof values[at] === "string");
}

/** Keys of who logs in: beside one of them `pass` is a password. */
const LOGINS: ReadonlySet<string> = new Set(["user", "username", "login", "email", "usr"]);
const PASSES: ReadonlySet<string> = new Set(["pass", "pw"]);

export function isLoginKey(key: string): boolean {
  return LOGINS.has(key.replace("_", "").toLowerCase());
}

/** True for a key that is a password's beside a login, and counts something elsewhere. */
export function isPassKey(key: string): boolean {
  return (key.length === 4 || key.length === 2) && PASSES.has(key.toLowerCase());
}

/** True when a map has a login and a pass: `{ user: "bob", pass: "x" }`. */
export function holdsLogin(names: SecretNames, keys: readonly string[]): boolean {
  return keys.some(isPassKey) && keys.some(isLoginKey) && names.isSecretName("password");
}

const OPTION = /^--?[a-z][\w.-]{2,63}$/i;

/** True for the option of a command that names a secret: its value may be the next text of the list. */
export function namesSecretOption(names: SecretNames, value: unknown): boolean {
  return (
    typeof value === "string" && value.startsWith("-") && OPTION.test(value) && namesSecret(names, value)
  );
}

/**
 * True when the text at `at` of a list follows its name: as in lists of headers, in which names and values take turns,
 * or of a command's arguments. `key` is what the list stands under.
 */
export function followsSecretName(
  names: SecretNames,
  key: string,
  list: readonly unknown[],
  at: number,
): boolean {
  const item = list[at];
  if (typeof item === "string" && !item.startsWith("-") && namesSecretOption(names, list[at - 1]))
    return true;
  if (at % 2 === 0 || list.length % 2 !== 0 || typeof item !== "string") return false;
  return namesSecret(names, list[at - 1]) && !namesSecret(names, item) && !isListedName(key, item);
}

/** Keeps keys apart that became the same by masking. */
export class DistinctKeys {
  readonly #kept: ReadonlySet<string>;
  readonly #given = new Set<string>();
  readonly #counts = new Map<string, number>();

  /** @param kept the keys that stay as they are; more may be added */
  constructor(kept: ReadonlySet<string>) {
    this.#kept = kept;
  }

  /** True when a masked key became this. */
  isGiven(key: string): boolean {
    return this.#given.has(key);
  }

  /** The masked key, with a number behind it where it is taken: `[REDACTED].2`. */
  take(masked: string): string {
    let key = masked;
    let count = this.#counts.get(masked) ?? 1;
    while (this.#kept.has(key) || this.#given.has(key)) key = `${masked}.${++count}`;
    this.#counts.set(masked, count);
    this.#given.add(key);
    return key;
  }
}
