/** What Knative's SinkBinding injects into the environment. */
import { checkFixedExtension } from "@coresdk/pipeline/checks";
import type { Resolution } from "./resolution.ts";
import { isTreeMap } from "./tree.ts";
import { checkUrl } from "./values.ts";

const ENDPOINT = ["cloud_events", "http", "endpoint"];

export interface KnativeSink {
  readonly endpoint: string;
  readonly overrides: Readonly<Record<string, string>>;
}

/**
 * `K_SINK` and `K_CE_OVERRIDES`. They speak for the platform, so that they go before the file; a flag or a `CORESDK_*`
 * variable was set for this sidecar alone and goes before them.
 */
export function readKnativeSink({
  document,
  environment,
  merged,
  fail,
  warnings,
}: Resolution): KnativeSink | undefined {
  const endpoint = environment["K_SINK"];
  if (!endpoint) {
    if (environment["K_CE_OVERRIDES"]) warnings.push("K_CE_OVERRIDES has no effect: K_SINK is not set");
    return undefined;
  }
  if (document.cloud_events?.binding === "kafka") {
    warnings.push("K_SINK is not used: cloud_events.binding is kafka");
    return undefined;
  }
  const setBy = merged.setBy(ENDPOINT);
  if (setBy === "flag" || setBy === "environment") return undefined;
  const wrong = checkUrl(endpoint);
  if (wrong !== undefined) {
    fail([], `K_SINK ${wrong}`);
    return undefined;
  }
  if (setBy === "file") warnings.push("K_SINK is set and is used instead of cloud_events.http.endpoint");
  const overrides = readOverrides(environment["K_CE_OVERRIDES"]);
  if (typeof overrides === "string") fail([], `K_CE_OVERRIDES ${overrides}`);
  return { endpoint, overrides: typeof overrides === "string" ? {} : overrides };
}

/** What an event needs to be itself is not overridden. */
const CONTEXT: ReadonlySet<string> = new Set([
  ...["id", "source", "specversion", "type", "datacontenttype", "dataschema", "subject", "time", "data"],
]);

const FORM = 'must be JSON: {"extensions":{"name":"value"}}';

/** The extensions that each event is given, or what is wrong with the text. */
function readOverrides(text: string | undefined): Readonly<Record<string, string>> | string {
  if (!text) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return FORM;
  }
  if (!isTreeMap(parsed)) return FORM;
  const extensions: unknown = parsed["extensions"] ?? {};
  if (!isTreeMap(extensions)) return FORM;
  const overrides = new Map<string, string>();
  for (const [name, value] of Object.entries(extensions)) {
    if (CONTEXT.has(name)) return `must set extensions alone: ${name} is an event's own attribute`;
    if (!/^[a-z0-9]{1,20}$/.test(name)) return "must name extensions with 1 to 20 of a-z and 0-9";
    if (typeof value !== "string") return "must give each extension a text";
    const expected = checkFixedExtension(name, value);
    if (expected !== undefined) return `must give each extension a value that it can have: ${expected}`;
    overrides.set(name, value);
  }
  return Object.fromEntries(overrides);
}
