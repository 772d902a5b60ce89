import { checkAttribute } from "@coresdk/cloudevents";
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

/** How records become envelopes. */
export function resolveWrap(resolution: Resolution): WrapSettings {
  const { document, fail } = resolution;
  const events = document.cloud_events;
  const sourceFault = events?.source === undefined ? undefined : checkAttribute("source", events.source);
  if (sourceFault !== undefined) {
    fail(["cloud_events", "source"], `cloud_events.source must be ${sourceFault}`);
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
      const fault = RESERVED.has(name) ? "is no extension that can be set" : checkFixed(name, value);
      if (fault === undefined) fixed.set(name, value);
      else fail([...path, name], `cloud_events.extensions: ${name} ${fault}`);
    }
  }
  return { extensions: [...extensions], fixedExtensions: Object.fromEntries(fixed) };
}

function checkFixed(name: string, value: string | number | boolean): string | undefined {
  const expected = checkAttribute(name, value);
  return expected === undefined ? undefined : `must be ${expected}`;
}

function describeUnknown(name: string): string {
  const nearest = findNearest(name, COMPUTED);
  if (nearest !== undefined) return `no such extension; did you mean "${nearest}"?`;
  return (
    `only ${COMPUTED.join(", ")} are computed; others come from record attributes named cloudevents.<name>, ` +
    "or are set as {name: value}"
  );
}
