import "../require-node.ts";

export { assertNoPii, PiiError } from "./assert-no-pii.ts";
export { CATEGORIES, type Category, type FindingKind } from "./categories.ts";
export { createMasker, type Masker } from "./masker.ts";
export type { MaskOptions } from "./options.ts";
export { checkBlockedKey, checkLiteral, LITERAL_FORM } from "./options.ts";
export { checkPattern, type NamedPattern } from "./patterns.ts";
export type { Finding } from "./plain-value.ts";
