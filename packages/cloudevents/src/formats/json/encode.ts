import { atIndex, CloudEventError } from "../../errors.ts";
import { encodeBase64 } from "../../event/base64.ts";
import { isBytes } from "../../event/data.ts";
import type { CloudEvent } from "../../event/event.ts";
import { requireEvent } from "../../event/inspect.ts";
import { type EncodeOptions, requireOptions } from "./options.ts";
import { stringifyJson } from "./stringify.ts";

/**
 * Encodes one event in the JSON format (`application/cloudevents+json`), or an array of events as a JSON batch
 * (`application/cloudevents-batch+json`).
 *
 * @throws CloudEventError when an event is not valid or its data is no JSON value; in a batch with `index`
 */
export function encode(events: CloudEvent | readonly CloudEvent[], options?: EncodeOptions): string {
  if (options !== undefined) requireOptions(options);
  return writeEvents(events, options);
}

/** The same with options that have been looked at. */
export function writeEvents(
  events: CloudEvent | readonly CloudEvent[],
  options: EncodeOptions | undefined,
): string {
  return isBatch(events) ? encodeBatch(events, options) : writeEvent(requireEvent(events), options);
}

/** Array.isArray does not narrow to a readonly array. */
export function isBatch(events: CloudEvent | readonly CloudEvent[]): events is readonly CloudEvent[] {
  return Array.isArray(events);
}

function encodeBatch(events: readonly CloudEvent[], options: EncodeOptions | undefined): string {
  let text = "[";
  for (let index = 0; index < events.length; index++) {
    if (index > 0) text += ",";
    try {
      text += writeEvent(requireEvent(events[index]), options);
    } catch (error) {
      throw error instanceof CloudEventError ? atIndex(error, index) : error;
    }
  }
  return `${text}]`;
}

/** Writes a valid event. */
export function writeEvent(event: CloudEvent, options: EncodeOptions | undefined): string {
  return stringifyJson(jsonObject(event), options);
}

/** The event's JSON object: its attributes, and bytes as `data_base64` (section 3.1.1). */
function jsonObject(event: CloudEvent): Readonly<Record<string, unknown>> {
  if (!isBytes(event.data)) return event;
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(event)) {
    const value = event[name];
    if (name === "data" && isBytes(value)) members["data_base64"] = encodeBase64(value);
    else members[name] = value;
  }
  return members;
}
