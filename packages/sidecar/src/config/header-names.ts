/** Which names of headers may be repeated: what stands in a name's place may be a misplaced secret. */
import { PROTOCOL_HEADERS } from "../forward/header-name.ts";

/** What collectors and receivers of events ask for, what protocols set, and the attributes of an event. */
const KNOWN: ReadonlySet<string> = new Set([
  ...[
    "accept",
    "api-key",
    "authorization",
    "cookie",
    "origin",
    "proxy-authorization",
    "referer",
    "user-agent",
  ],
  ...[
    "x-api-key",
    "x-auth-token",
    "x-csrf-token",
    "x-request-id",
    "x-scope-orgid",
    "x-tenant",
    "x-tenant-id",
  ],
  ...["aeg-sas-key", "aeg-sas-token", "dd-api-key", "ocp-apim-subscription-key", "x-functions-key"],
  ...[
    "lightstep-access-token",
    "signoz-ingestion-key",
    "x-honeycomb-dataset",
    "x-honeycomb-team",
    "x-sf-token",
  ],
  ...PROTOCOL_HEADERS,
  ...["webhook-request-callback", "webhook-request-origin", "webhook-request-rate"],
  ...[
    "ce-datacontenttype",
    "ce-dataschema",
    "ce-id",
    "ce-source",
    "ce-specversion",
    "ce-subject",
    "ce-time",
    "ce-type",
  ],
  ...["traceparent", "tracestate", "baggage"],
]);

/** Whether everybody may know the name, whatever the case. */
export function isKnownHeader(name: string): boolean {
  return KNOWN.has(name.toLowerCase());
}

/** The name when everybody may know it, else `***`; of an event's attribute it says that it is one. */
export function showHeaderName(name: string): string {
  if (isKnownHeader(name)) return name;
  return /^ce-/i.test(name) ? "ce-***" : "***";
}

/** What is said about a name, without the name itself unless everybody may know it. */
export function hideHeaderName(message: string, name: string): string {
  const lower = name.toLowerCase();
  return isKnownHeader(name) ? message : message.replaceAll(lower, showHeaderName(lower));
}
