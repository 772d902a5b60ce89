import { encode } from "@coresdk/cloudevents/http";
import { decode } from "@coresdk/cloudevents/json";
import type { SinkEvent } from "../../contracts.ts";
import type { Message } from "./endpoint.ts";
import type { OverrideExtensions } from "./override-extensions.ts";

const SINGLE = ["content-type", "application/cloudevents+json"] as const;
const BATCH = ["content-type", "application/cloudevents-batch+json"] as const;
const OPEN = Buffer.from("[");
const COMMA = Buffer.from(",");
const CLOSE = Buffer.from("]");

/** Writes the request for one event. */
export type WriteMessage = (event: SinkEvent) => Message;

/** Structured mode: the event as it is stored (HTTP binding, section 3.2). */
export function structuredMessage(override: OverrideExtensions): WriteMessage {
  // A copy: a receiver may answer before it has read it all, and what is not yet written stays under way.
  return ({ batch, index }) => ({ headers: SINGLE, body: Buffer.from(override(batch.event(index))) });
}

/** Binary mode: attributes in headers, data in the body (section 3.1). The one that has to parse. */
export function binaryMessage(override: OverrideExtensions): WriteMessage {
  return ({ batch, index }) => {
    const { headers, body } = encode(decode(override(batch.event(index))), { mode: "binary" });
    return { headers: Object.entries(headers).flat(), body: body ?? null };
  };
}

/** Batched mode: the events joined as a JSON array (section 3.3). */
export function batchMessage(events: readonly SinkEvent[], override: OverrideExtensions): Message {
  const parts: Uint8Array[] = [];
  for (const { batch, index } of events) {
    parts.push(parts.length === 0 ? OPEN : COMMA, override(batch.event(index)));
  }
  parts.push(CLOSE);
  return { headers: BATCH, body: Buffer.concat(parts) };
}
