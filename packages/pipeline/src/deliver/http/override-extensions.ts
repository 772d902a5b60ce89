import { checkAttribute, withAttributes } from "@coresdk/cloudevents";
import { decode, encode } from "@coresdk/cloudevents/json";
import { nativeExtension } from "../../native-extension.ts";
import { integerOptions } from "../integers.ts";

/** Attributes that say what an event is: an override must leave them alone. */
const CONTEXT_ATTRIBUTES = new Set([
  "specversion",
  "id",
  "source",
  "type",
  "subject",
  "time",
  "datacontenttype",
  "dataschema",
  "data",
]);

/** CloudEvents 1.0, "Naming Conventions": lower-case letters and digits. */
const ATTRIBUTE_NAME = /^[a-z0-9]+$/;

const CLOSING_BRACE = 0x7d;

export type OverrideExtensions = (event: Uint8Array) => Uint8Array;

/**
 * Sets extensions on events in the JSON event format (Knative's `K_CE_OVERRIDES`). An event that has none of
 * them is not parsed: they are written before its closing brace. `undefined` when there is nothing to set.
 *
 * @throws Error when a name is no extension's, or a value not one that it can have
 */
export function overrideExtensions(
  overrides: Readonly<Record<string, string>>,
): OverrideExtensions | undefined {
  const entries = Object.entries(overrides).map(
    ([name, value]) => [name, nativeExtension(name, value)] as const,
  );
  if (entries.length === 0) return undefined;
  for (const [name, value] of entries) {
    if (!ATTRIBUTE_NAME.test(name) || CONTEXT_ATTRIBUTES.has(name)) {
      throw new Error(
        `K_CE_OVERRIDES: ${JSON.stringify(name.slice(0, 100))} is not the name of an extension`,
      );
    }
    const expected = checkAttribute(name, value);
    if (expected !== undefined) throw new Error(`K_CE_OVERRIDES: ${name} is not ${expected}`);
  }
  const tail = Buffer.from(
    `${entries.map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`).join("")}}`,
  );
  const values = Object.fromEntries(entries);
  const marks = entries.map(([name]) => `${JSON.stringify(name)}`);
  return (event) => {
    const bytes = Buffer.from(event.buffer, event.byteOffset, event.byteLength);
    const plain = bytes.at(-1) === CLOSING_BRACE && !marks.some((mark) => bytes.includes(mark));
    return plain ? Buffer.concat([bytes.subarray(0, -1), tail]) : rewrite(bytes, values);
  };
}

/** The slow way, for an event that may have one of the extensions already. */
function rewrite(bytes: Buffer, overrides: Readonly<Record<string, unknown>>): Uint8Array {
  const integers = integerOptions(bytes);
  return Buffer.from(encode(withAttributes(decode(bytes, integers), overrides), integers));
}
