import { CloudEventError } from "../../errors.ts";
import { isBytes } from "../../event/data.ts";
import type { CloudEvent } from "../../event/event.ts";

/** A record's key; `null` for none. */
export type KafkaKey = string | Uint8Array | null;

/**
 * Where a key comes from (section 3.1): an attribute by its name (no key when the event has none), or a
 * function, which gets the event and must not change it.
 */
export type KeyMapper =
  | "partitionkey"
  | "subject"
  | "source"
  | "type"
  | "id"
  | ((event: CloudEvent) => KafkaKey | undefined);

const KEY_ATTRIBUTES: readonly unknown[] = ["partitionkey", "subject", "source", "type", "id"];

/**
 * The key of an event's record: the one that is given, else the mapper's, else none.
 *
 * @throws CloudEventError `invalid_argument` for a key or a mapper that is none
 */
export function keyOf(
  event: CloudEvent,
  given: KafkaKey | undefined,
  mapper: KeyMapper | undefined,
): KafkaKey {
  if (given !== undefined) return requireKey(given, "key");
  if (mapper === undefined) return null;
  if (typeof mapper === "function") return requireKey(mapper(event) ?? null, "keyFrom");
  if (!KEY_ATTRIBUTES.includes(mapper)) {
    throw new CloudEventError(
      "invalid_argument",
      '"partitionkey", "subject", "source", "type", "id" or a function for the option "keyFrom"',
    );
  }
  return event[mapper] ?? null;
}

function requireKey(key: KafkaKey, option: string): KafkaKey {
  if (typeof key === "string" && !key.isWellFormed()) {
    // In UTF-8 all of them would be the same.
    throw new CloudEventError("invalid_argument", `text without lone surrogates from the option "${option}"`);
  }
  if (typeof key === "string" || key === null || isBytes(key)) return key;
  throw new CloudEventError("invalid_argument", `a string, a Uint8Array or null from the option "${option}"`);
}
