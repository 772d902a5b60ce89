import { encode } from "@coresdk/cloudevents/http";
import { decode } from "@coresdk/cloudevents/json";
import type { SinkEvent } from "../../contracts.ts";
import { integerOptions } from "../integers.ts";
import type { Message } from "./endpoint.ts";
import type { OverrideExtensions } from "./override-extensions.ts";

const SINGLE = ["content-type", "application/cloudevents+json"] as const;
const BATCH = ["content-type", "application/cloudevents-batch+json"] as const;
const OPEN = "[".charCodeAt(0);
const COMMA = ",".charCodeAt(0);
const CLOSE = "]".charCodeAt(0);

/** Writes the request for one event. */
export type WriteMessage = (event: SinkEvent) => Message;

/** Structured mode: the event as it is stored (HTTP binding, section 3.2). */
export function structuredMessage(override: OverrideExtensions | undefined): WriteMessage {
  // A copy: a receiver may answer before it has read it all, and what is not yet written stays under way.
  return (event) => ({ headers: SINGLE, body: Buffer.from(bytesOf(event, override)) });
}

/** Binary mode: attributes in headers, data in the body (section 3.1). The one that has to parse. */
export function binaryMessage(override: OverrideExtensions | undefined): WriteMessage {
  return (event) => {
    const bytes = bytesOf(event, override);
    const integers = integerOptions(bytes);
    const { headers, body } = encode(decode(bytes, integers), { ...integers, mode: "binary" });
    return { headers: Object.entries(headers).flat(), body: body ?? null };
  };
}

/** Batched mode: the events joined as a JSON array (section 3.3). */
export function batchMessage(
  events: readonly SinkEvent[],
  override: OverrideExtensions | undefined,
): Message {
  return { headers: BATCH, body: override === undefined ? join(events) : joinChanged(events, override) };
}

function bytesOf({ batch, index }: SinkEvent, override: OverrideExtensions | undefined): Uint8Array {
  const event = batch.event(index);
  return override === undefined ? event : override(event);
}

/** The usual case: nothing is made but the body. */
function join(events: readonly SinkEvent[]): Buffer {
  let size = events.length + 1;
  for (const { batch, index } of events) size += batch.eventLength(index);
  const body = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const { batch, index } of events) {
    body[at] = at === 0 ? OPEN : COMMA;
    at += 1 + batch.copyEvent(index, body, at + 1);
  }
  body[at] = CLOSE;
  return body;
}

function joinChanged(events: readonly SinkEvent[], override: OverrideExtensions): Buffer {
  const parts: Uint8Array[] = [];
  for (const event of events)
    parts.push(Buffer.of(parts.length === 0 ? OPEN : COMMA), bytesOf(event, override));
  parts.push(Buffer.of(CLOSE));
  return Buffer.concat(parts);
}
