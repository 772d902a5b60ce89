/**
 * What of a configuration its messages and the lines shown with them may repeat. What somebody wrote is taken for a
 * secret unless it is known to be none: a key of the schema, one that is a letter or two beside it, or a value that can
 * only be a number, an amount, true or false, or one of the schema's own names.
 */
import { EXTENSION_NAMES } from "@coresdk/pipeline/checks";
import { isKnownHeader } from "./header-names.ts";
import { findNearest, normaliseName } from "./nearest.ts";
import { listKeys, listNames } from "./schema-walk.ts";
import type { Path } from "./tree.ts";

const names: ReadonlySet<string> = new Set([
  ...listNames(),
  ...EXTENSION_NAMES,
  ...["traceparent", "tracestate", "dataref", "sequence", "specversion", "subject", "id", "time", "type"],
  ...["__proto__", "<<"],
]);

const spellings: ReadonlySet<string> = new Set([...names].map(normaliseName));

/** Whether a name is public wherever it stands. */
export function isPublicName(name: string): boolean {
  return names.has(name) || isKnownHeader(name);
}

/** A public name without its lines between words, which says no more than the name: `batchsize`. */
function isPublicSpelling(key: string): boolean {
  return /^[a-z_-]{4,64}$/.test(key) && spellings.has(normaliseName(key));
}

/** Whether a key may be repeated: public, or a misspelt key of the mapping at `parent`. */
export function isShownKey(parent: Path, key: string): boolean {
  return isPublicName(key) || isPublicSpelling(key) || findNearest(key, listKeys(parent)) !== undefined;
}

/** A key as messages name it: in quotes, or how long it is. */
export function describeKey(parent: Path, key: string): string {
  return isShownKey(parent, key) ? JSON.stringify(key) : `of ${countCharacters(key)}`;
}

/** The path as messages write it (`cloud_events.kafka.brokers[1]`), with `***` for what may not be repeated. */
export function showPath(path: Path): string {
  let text = "";
  for (const [i, part] of path.entries()) {
    if (typeof part === "number") text += `[${part}]`;
    else text += `${text === "" ? "" : "."}${isShownKey(path.slice(0, i), part) ? part : "***"}`;
  }
  return text;
}

/** What kind of value was found where another was wanted. */
export function describeKind(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return `text of ${countCharacters(value)}`;
  return typeof value === "object" ? "a mapping" : `a ${typeof value}`;
}

function countCharacters(text: string): string {
  return text.length === 1 ? "1 character" : `${text.length} characters`;
}
