import type { HttpSinkSettings } from "@coresdk/pipeline";
import type { Resolution } from "./resolution.ts";

const PATH = ["cloud_events", "http", "webhook"];

/** A permission is asked for anew each day, unless the configuration says otherwise: a target may change hands. */
const RENEW_MS = 24 * 3_600_000;

/** How a webhook target is asked for its permission; `undefined` when it is not asked. */
export function resolveWebhook(
  { document, fail, warnings }: Resolution,
  endpoint: string,
): HttpSinkSettings["webhook"] {
  const webhook = document.cloud_events?.http?.webhook;
  if (webhook === undefined) return undefined;
  const { origin, rate, callback, renew } = webhook;
  if (origin === undefined) fail(PATH, "cloud_events.http.webhook needs origin");
  // The specification's section 4.1.3; the URL is a secret, so that its form is not shown.
  if (callback !== undefined && URL.parse(callback.reveal())?.protocol !== "https:") {
    fail([...PATH, "callback"], "cloud_events.http.webhook.callback must be an https:// URL");
  }
  if (!endpoint.startsWith("https:")) {
    warnings.push("cloud_events.http.webhook: webhooks are meant for https:// endpoints");
  }
  const headers = Object.keys(document.cloud_events?.http?.headers ?? {});
  if (headers.some((name) => name.toLowerCase() === "webhook-request-origin")) {
    const message = "cloud_events.http.headers: WebHook-Request-Origin is set by webhook.origin";
    fail(["cloud_events", "http", "headers"], message);
  }
  return {
    origin: origin ?? "",
    ratePerMinute: rate,
    callback,
    renewMs: renew ?? RENEW_MS,
  };
}
