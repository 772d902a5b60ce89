import { atIndex, CloudEventError } from "../../errors.ts";
import { encodeBase64 } from "../../event/base64.ts";
import { isBytes } from "../../event/data.ts";
import type { CloudEvent } from "../../event/event.ts";
import { type Candidate, requireEvent } from "../../event/inspect.ts";
import { type EncodeOptions, stringifyJson } from "./stringify.ts";

/**
 * Encodes one event in the JSON format (`application/cloudevents+json`), or an array of events as a JSON batch
 * (`application/cloudevents-batch+json`).
 *
 * @throws CloudEventError when an event is not valid or its data is no JSON value; in a batch with `index`
 */
export function encode(events: CloudEvent | readonly CloudEvent[], options?: EncodeOptions): string {
  return isBatch(events) ? encodeBatch(events, options) : stringifyJson(memberObject(events), options);
}

/** Array.isArray does not narrow to a readonly array. */
export function isBatch(events: CloudEvent | readonly CloudEvent[]): events is readonly CloudEvent[] {
  return Array.isArray(events);
}

function encodeBatch(events: readonly CloudEvent[], options: EncodeOptions | undefined): string {
  const objects = events.map((event, index) => located(index, () => memberObject(event)));
  try {
    return stringifyJson(objects, options);
  } catch (error) {
    // Some event's data is to blame: one after the other, they show which.
    objects.forEach((object, index) => {
      located(index, () => stringifyJson(object, options));
    });
    throw error;
  }
}

function located<R>(index: number, run: () => R): R {
  try {
    return run();
  } catch (error) {
    throw error instanceof CloudEventError ? atIndex(error, index) : error;
  }
}

/** The members of the event's JSON object: the attributes, and bytes as `data_base64` (section 3.1.1). */
function memberObject(event: CloudEvent): Candidate {
  const valid = requireEvent(event);
  if (!isBytes(valid["data"])) return valid;
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(valid)) {
    const value = valid[name];
    if (name === "data" && isBytes(value)) members["data_base64"] = encodeBase64(value);
    else members[name] = value;
  }
  return members;
}
