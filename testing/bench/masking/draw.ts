import { seededRandom } from "../corpus.ts";

export const DIGITS = "0123456789";
export const HEX = "0123456789abcdef";
export const LOWER = "abcdefghijklmnopqrstuvwxyz";
export const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
export const ALNUM: string = DIGITS + LOWER + UPPER;
export const CROCKFORD_ID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
export const BASE64URL: string = `${ALNUM}-_`;

/** Draws values; everything it gives follows from the seed. */
export class Draw {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  text(alphabet: string, length: number): string {
    let text = "";
    for (let i = 0; i < length; i++) text += alphabet[this.below(alphabet.length)] ?? "";
    return text;
  }

  digits(length: number): string {
    return this.text(DIGITS, length);
  }

  /** Like {@link text}, with a digit and both cases in it for sure, as generated keys have. */
  token(length: number): string {
    return `${this.text(ALNUM, length - 3)}${this.text(DIGITS, 1)}${this.text(LOWER, 1)}${this.text(UPPER, 1)}`;
  }

  word(): string {
    return this.pick(WORDS);
  }

  words(count: number): string {
    return Array.from({ length: count }, () => this.word()).join(" ");
  }
}

const WORDS = [
  "order",
  "cart",
  "invoice",
  "parcel",
  "stock",
  "price",
  "tenant",
  "customer",
  "address",
  "payment",
  "refund",
  "note",
  "late",
  "warehouse",
  "shipment",
  "retry",
  "timeout",
  "accepted",
  "queue",
  "worker",
] as const;

/** The digit that makes the number pass Luhn's check when it is put behind it. */
export function luhnDigit(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits.at(-1 - i));
    const doubled = i % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return String((10 - (sum % 10)) % 10);
}

/** The two check digits of an IBAN, by ISO 7064. */
export function ibanCheck(country: string, account: string): string {
  let rest = 0;
  for (const character of `${account}${country}00`) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return String(98 - rest).padStart(2, "0");
}
