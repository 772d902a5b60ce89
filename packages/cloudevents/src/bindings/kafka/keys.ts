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

/** The key of an event's record: the one that is given, else the mapper's, else none. */
export function keyOf(
  event: CloudEvent,
  given: KafkaKey | undefined,
  mapper: KeyMapper | undefined,
): KafkaKey {
  if (given !== undefined) return given;
  if (mapper === undefined) return null;
  return (typeof mapper === "function" ? mapper(event) : event[mapper]) ?? null;
}
