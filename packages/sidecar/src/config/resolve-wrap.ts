import type { ExtensionName, WrapSettings } from "@coresdk/pipeline";
import { findComputed } from "./extensions.ts";
import type { Resolution } from "./resolution.ts";

/** How records become envelopes. */
export function resolveWrap(resolution: Resolution): WrapSettings {
  const { document } = resolution;
  const events = document.cloud_events;
  return {
    source: events?.source,
    tenant: document.tenant,
    ...resolveExtensions(resolution),
    data: events?.data ?? "attributes",
    order: events?.order ?? "subject",
  };
}

function resolveExtensions({ document }: Resolution): Pick<WrapSettings, "extensions" | "fixedExtensions"> {
  const extensions = new Set<ExtensionName>();
  const fixed = new Map<string, string | number | boolean>();
  for (const entry of document.cloud_events?.extensions ?? ["distributed-tracing"]) {
    if (typeof entry === "string") {
      const name = findComputed(entry);
      if (name !== undefined) extensions.add(name);
      continue;
    }
    for (const [name, value] of Object.entries(entry)) fixed.set(name, value);
  }
  return { extensions: [...extensions], fixedExtensions: Object.fromEntries(fixed) };
}
