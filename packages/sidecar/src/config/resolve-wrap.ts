import type { ExtensionName, WrapSettings } from "@coresdk/pipeline";
import { findNearest } from "./nearest.ts";
import type { Resolution } from "./resolution.ts";

const COMPUTED: readonly ExtensionName[] = [
  "distributed-tracing",
  "severity",
  "recordedtime",
  "partitioning",
  "authcontext",
];

/** CloudEvents attributes, and those that the envelope fills itself: none of them is an extension to be set. */
const RESERVED: ReadonlySet<string> = new Set([
  "id",
  "source",
  "specversion",
  "type",
  "datacontenttype",
  "dataschema",
  "subject",
  "time",
  "data",
  "traceparent",
  "tracestate",
]);

/** RFC 3986: what may stand in a URI-reference. */
const URI_REFERENCE = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;

/** How records become envelopes. */
export function resolveWrap(resolution: Resolution): WrapSettings {
  const { document, fail } = resolution;
  const events = document.cloud_events;
  if (events?.source !== undefined && !URI_REFERENCE.test(events.source)) {
    fail(["cloud_events", "source"], "cloud_events.source must be a URI, or a path such as /orders");
  }
  return {
    source: events?.source,
    tenant: document.tenant,
    ...resolveExtensions(resolution),
    data: events?.data ?? "attributes",
    order: events?.order ?? "subject",
  };
}

function resolveExtensions({
  document,
  fail,
}: Resolution): Pick<WrapSettings, "extensions" | "fixedExtensions"> {
  const extensions = new Set<ExtensionName>();
  const fixed = new Map<string, string | number | boolean>();
  for (const [i, entry] of (document.cloud_events?.extensions ?? ["distributed-tracing"]).entries()) {
    const path = ["cloud_events", "extensions", i];
    if (typeof entry === "string") {
      const name = COMPUTED.find((computed) => computed === entry);
      if (name !== undefined) extensions.add(name);
      else fail(path, describeUnknown(entry));
      continue;
    }
    for (const [name, value] of Object.entries(entry)) {
      if (RESERVED.has(name)) fail([...path, name], `"${name}" is no extension that can be set`);
      else fixed.set(name, value);
    }
  }
  return { extensions: [...extensions], fixedExtensions: Object.fromEntries(fixed) };
}

function describeUnknown(name: string): string {
  const nearest = findNearest(name, COMPUTED);
  if (nearest !== undefined) return `no such extension; did you mean "${nearest}"?`;
  return (
    `only ${COMPUTED.join(", ")} are computed; others come from record attributes named cloudevents.<name>, ` +
    "or are set as {name: value}"
  );
}
