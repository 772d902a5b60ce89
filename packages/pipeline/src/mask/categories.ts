/** What masking looks for (semantics, section 8), by the names that the configuration switches. */
export const CATEGORIES = [
  "blocked_keys",
  "api_keys",
  "passwords",
  "tokens",
  "email",
  "ssn",
  "cards",
  "iban",
  "private_keys",
  "phone",
  "ip",
] as const;

export type Category = (typeof CATEGORIES)[number];

/**
 * What a finding is: of a category, a text or pattern of the user's own, or a `failure`: a value that could not be
 * looked through, so that nobody knows.
 */
export type FindingKind = Category | "literal" | "pattern" | "failure";

/** What may be found by the name in front of it. */
export const NAMED_KINDS: ReadonlySet<FindingKind> = new Set([
  "passwords",
  "tokens",
  "api_keys",
  "blocked_keys",
]);

/** Stands in the place of what was masked. */
export const REDACTED = "[REDACTED]";

/** Numbers of phones and addresses of machines are data more often than they are secrets: off unless asked for. */
const OFF_BY_DEFAULT: ReadonlySet<Category> = new Set(["phone", "ip"]);

export type EnabledCategories = Readonly<Record<Category, boolean>>;

/** The categories that are on when `given` changes the defaults. */
export function enableCategories(given: Readonly<Partial<Record<Category, boolean>>>): EnabledCategories {
  const on = (category: Category): boolean => given[category] ?? !OFF_BY_DEFAULT.has(category);
  return {
    blocked_keys: on("blocked_keys"),
    api_keys: on("api_keys"),
    passwords: on("passwords"),
    tokens: on("tokens"),
    email: on("email"),
    ssn: on("ssn"),
    cards: on("cards"),
    iban: on("iban"),
    private_keys: on("private_keys"),
    phone: on("phone"),
    ip: on("ip"),
  };
}

export function isCategory(name: string): name is Category {
  return CATEGORIES.some((category) => category === name);
}
