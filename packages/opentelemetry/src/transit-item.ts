import type { LogEvent, SpanRecord } from "@coresdk/pipeline";
import type { ResourceView } from "./sdk.ts";

/** What is on its way to the queue: a copy, but for its resource, whose detectors may still be at work. */
export type TransitItem =
  | { readonly kind: "log"; readonly event: LogEvent; readonly resource: ResourceView; readonly size: number }
  | {
      readonly kind: "span";
      readonly span: SpanRecord;
      readonly resource: ResourceView;
      readonly size: number;
    };
