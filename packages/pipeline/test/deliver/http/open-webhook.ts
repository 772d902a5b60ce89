/** Webhook targets of tests, and sinks that ask them. */
import type { ServerResponse } from "node:http";
import type { Clock, Sink } from "../../../src/contracts.ts";
import type { WebhookTargets } from "../../../src/deliver/http/webhook-targets.ts";
import { Secret } from "../../../src/secret.ts";
import type { WebhookSettings } from "../../../src/settings.ts";
import { systemClock } from "../../../src/system.ts";
import { FactsOfTest } from "../rig.ts";
import { openSink } from "./open-sink.ts";
import type { Received } from "./receiver.ts";

export const ORIGIN = "events.acme.example";
const A_DAY_MS = 86_400_000;

/** A target's consent, whoever asks and however much is sent. */
export const allowAll = { "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "*" };

/** Answers validation requests with these headers, and deliveries with 204. */
export function agree(headers: Readonly<Record<string, string | string[]>>, status = 200) {
  return ({ method }: Received, response: ServerResponse): void => {
    if (method === "OPTIONS") response.writeHead(status, headers).end();
    else response.writeHead(204).end();
  };
}

/** A sink that asks its target before it sends. */
export function openWebhook(
  endpoint: string,
  webhook: Partial<WebhookSettings> = {},
  clock: Clock = systemClock,
  recorder: FactsOfTest = new FactsOfTest(),
  webhookTargets?: WebhookTargets,
): Sink & AsyncDisposable {
  return openSink(
    endpoint,
    {
      headers: [["Authorization", new Secret("Bearer t0ken")]],
      maxInFlight: 16,
      webhook: {
        origin: ORIGIN,
        ratePerMinute: undefined,
        callback: undefined,
        renewMs: A_DAY_MS,
        ...webhook,
      },
    },
    { clock, facts: recorder, webhookTargets },
  );
}

/** What a receiver got, as one sign a request: `?` for a validation, `!` for a delivery. */
export function signsOf({ requests }: { readonly requests: readonly Received[] }): string {
  return requests.map(({ method }) => (method === "OPTIONS" ? "?" : "!")).join("");
}
