import { CATEGORIES, type Category, isCategory, REDACTED } from "./categories.ts";
import { splitKey } from "./key-words.ts";
import { checkPattern, type NamedPattern } from "./patterns.ts";

/** What a masker is told besides the built-in rules (semantics, section 8). Everything may be left out. */
export interface MaskOptions {
  /** Further keys whose value is masked whole, in any way of writing: `staff_number` is `staffNumber` too. */
  readonly blockedKeys?: readonly string[];
  /** Keys whose value is never masked: the attribute's whole name or the key in the data, whatever the case. */
  readonly allowKeys?: readonly string[];
  /**
   * Further patterns, in RE2's syntax. A match is at most 1,024 characters long: a text with a longer one goes whole,
   * and is counted.
   */
  readonly patterns?: readonly NamedPattern[];
  /** Texts that are masked wherever they stand, in the letters' case as given; any white space matches any other. */
  readonly literals?: readonly string[];
  /** Categories switched on or off; all are on but `phone` and `ip`. */
  readonly categories?: Readonly<Partial<Record<Category, boolean>>>;
}

const OPTIONS: ReadonlySet<string> = new Set([
  "blockedKeys",
  "allowKeys",
  "patterns",
  "literals",
  "categories",
] satisfies (keyof MaskOptions)[]);

const MAX_LITERALS = 10_000;
/** Characters of one literal. */
const MAX_LITERAL = 4_096;

/** @throws TypeError that names the option; no literal is in the message */
export function checkOptions(options: MaskOptions): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new TypeError("the options must be an object, or left out");
  for (const [name, value] of Object.entries(options)) {
    if (!OPTIONS.has(name))
      throw new TypeError(`there is no option ${JSON.stringify(name)}; there are ${[...OPTIONS].join(", ")}`);
    if (name !== "categories" && value !== undefined && !Array.isArray(value))
      throw new TypeError(`${name} must be a list`);
  }
  const { categories = {} } = options;
  if (typeof categories !== "object" || categories === null || Array.isArray(categories))
    throw new TypeError("categories must be an object");
  for (const [name, on] of Object.entries(categories)) {
    if (!isCategory(name)) {
      throw new TypeError(`categories has no ${JSON.stringify(name)}; there are ${CATEGORIES.join(", ")}`);
    }
    if (on !== undefined && typeof on !== "boolean")
      throw new TypeError(`categories.${name} must be true or false`);
  }
  for (const key of options.blockedKeys ?? []) {
    const fault = checkBlockedKey(key);
    if (fault !== undefined) throw new TypeError(`blockedKeys: each ${fault}`);
  }
  for (const key of options.allowKeys ?? []) {
    if (typeof key !== "string" || key === "")
      throw new TypeError("allowKeys: each must be a text that is not empty");
  }
  const literals = options.literals ?? [];
  if (literals.length > MAX_LITERALS) throw new TypeError(`literals must be at most ${MAX_LITERALS}`);
  for (const literal of literals) {
    const fault = checkLiteral(literal);
    if (fault !== undefined) throw new TypeError(`literals: each ${fault}`);
  }
  for (const pattern of options.patterns ?? []) {
    if (typeof pattern !== "object" || pattern === null)
      throw new TypeError("patterns: each must have a name and a regex");
    const { name, regex } = pattern;
    if (typeof name !== "string" || name === "" || typeof regex !== "string")
      throw new TypeError("patterns: each must have a name and a regex");
    const fault = checkPattern(regex);
    if (fault !== undefined) throw new TypeError(`pattern ${JSON.stringify(name)} ${fault}`);
  }
}

/**
 * Checks a further key to be blocked.
 *
 * @returns `undefined` when it can be used, else what is wrong with it
 */
export function checkBlockedKey(key: string): string | undefined {
  return typeof key === "string" && splitKey(key).length > 0 ? undefined : "must have a letter in it";
}

/** What {@link checkLiteral} asks for. */
export const LITERAL_FORM: string = `must have 2 to ${MAX_LITERAL} characters and not be part of [REDACTED]`;

/**
 * Checks a text that is to be masked wherever it stands.
 *
 * @returns `undefined` when it can be used, else what is wrong with it; the text is not in the answer
 */
export function checkLiteral(literal: string): string | undefined {
  const fits = typeof literal === "string" && literal.length >= 2 && literal.length <= MAX_LITERAL;
  return fits && !REDACTED.includes(literal) ? undefined : LITERAL_FORM;
}
