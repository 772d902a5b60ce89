import { checkAttribute, checkAttributeName } from "@coresdk/cloudevents";
import type { WrapSettings } from "../settings.ts";
import { checkTraceContext } from "./trace-context.ts";

/** Every event has these from elsewhere: neither a record nor the configuration sets them as extensions. */
const CORE: ReadonlySet<string> = new Set(
  "specversion id source type subject time datacontenttype dataschema data".split(" "),
);

/**
 * Checks the name of an extension attribute that a record or the configuration gives.
 *
 * @returns `undefined` when it can be set, else what was expected
 */
export function checkExtensionName(name: string): string | undefined {
  return CORE.has(name) ? "left out: it is no extension attribute" : checkAttributeName(name);
}

/**
 * Checks an extension attribute that is fixed for every event: its name, its value's type, and for trace
 * context its form.
 *
 * @returns `undefined` when it can be set, else what was expected
 */
export function checkFixedExtension(name: string, value: unknown): string | undefined {
  return checkExtensionName(name) ?? checkAttribute(name, value) ?? checkTraceContext(name, value);
}

/** @throws TypeError that names the first fixed extension that is illegal; its value is not in the message */
export function checkFixedExtensions({ fixedExtensions }: WrapSettings): void {
  for (const [name, value] of Object.entries(fixedExtensions)) {
    const expected = checkFixedExtension(name, value);
    if (expected === undefined) continue;
    throw new TypeError(`fixedExtensions: ${JSON.stringify(name.slice(0, 100))} must be ${expected}`);
  }
}
