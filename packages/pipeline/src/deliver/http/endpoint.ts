import type { LookupFunction } from "node:net";
import { type Dispatcher, errors, Pool } from "undici";
import type { Clock, Outcome } from "../../contracts.ts";
import type { HttpSinkSettings } from "../../settings.ts";
import { isPrivateHost, publicLookup } from "../address-guard.ts";
import { explainNetworkFailure } from "../network-failure.ts";
import { tlsOptions } from "../tls.ts";
import { fixedHeaders } from "./fixed-headers.ts";
import { createSecretHider } from "./hide-secrets.ts";
import { InformationalLimit } from "./informational-limit.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { type ValidationAnswer, WebhookPermission } from "./webhook.ts";
import { WebhookTargets } from "./webhook-targets.ts";

/** Read of an answer before its connection is given up. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Shown of the text with which a peer rejects, and read of it: a secret at the end of what is shown is seen whole. */
const MAX_TEXT = 300;
const MAX_TEXT_BYTES = 8 * 1024;

/** One request, without what all requests to the endpoint share. */
export interface Message {
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | string | null;
}

export interface EndpointPorts {
  readonly clock: Clock;
  /** Called when a webhook target gave its permission, with what it allows. */
  readonly granted: (detail: string) => void;
  /** How names are resolved; the system's way when left out. */
  readonly lookup?: LookupFunction | undefined;
  /** What is known of webhook targets already; nothing when left out. */
  readonly webhookTargets?: WebhookTargets | undefined;
}

/** Where events are posted to: one origin, its connections, and what every request carries. */
export class Endpoint {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: readonly string[];
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #permission: WebhookPermission | undefined;
  readonly #hideSecrets: (text: string) => string;

  /** @throws Error when the endpoint or a header is not one; it names the header and never its value */
  constructor(settings: HttpSinkSettings, { clock, granted, lookup, webhookTargets }: EndpointPorts) {
    const url = new URL(settings.endpoint);
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new Error(`the endpoint of sink ${settings.name} must be an http or https URL`);
    }
    const guarded = settings.blockPrivateAddresses === true;
    // A connection to an address resolves nothing, so that this is the one place to look at it.
    if (guarded && isPrivateHost(url)) {
      throw new Error(`the endpoint of sink ${settings.name} is a private address`);
    }
    const resolve = guarded ? publicLookup(lookup) : lookup;
    this.#headers = fixedHeaders(settings, url);
    const { headers, endpoint, webhook } = settings;
    this.#hideSecrets = createSecretHider({ headers, endpoint, callback: webhook?.callback });
    this.#path = url.pathname + url.search;
    this.#timeoutMs = settings.timeoutMs;
    this.#clock = clock;
    this.#pool = new Pool(url.origin, {
      connections: settings.maxInFlight,
      pipelining: 1,
      // One timer bounds the whole attempt; these two would bound parts of it.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        timeout: settings.timeoutMs,
        ...(resolve === undefined ? {} : { lookup: resolve }),
        ...tlsOptions(settings.tls),
      },
    });
    this.#permission =
      webhook &&
      new WebhookPermission(webhook, {
        clock,
        granted,
        target: (webhookTargets ?? new WebhookTargets()).find(endpoint, webhook.origin, clock),
        ask: (headers, signal) =>
          this.#request("OPTIONS", { headers, body: null }, signal, readValidationAnswer),
      });
  }

  /** Posts one request. Its outcome is known from the status line on, whatever becomes of the rest of the answer. */
  async post(message: Message, signal: AbortSignal): Promise<Outcome> {
    const refused = await this.#permission?.admit(signal);
    if (refused !== undefined) return refused;
    const outcome = await this.#request("POST", message, signal, (response) => this.#judge(response));
    this.#permission?.note(outcome);
    return outcome;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #request<Answer>(
    method: "POST" | "OPTIONS",
    { headers, body }: Message,
    signal: AbortSignal,
    read: (response: Dispatcher.ResponseData) => Promise<Answer>,
  ): Promise<Answer | Outcome> {
    const attempt = new AbortController();
    const stop = (): void => attempt.abort(STOPPED);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const cancel = this.#clock.schedule(this.#timeoutMs, () => attempt.abort(TIMED_OUT));
    const informational = new InformationalLimit(() => attempt.abort(ENDLESS));
    try {
      const response = await this.#pool.request({
        method,
        path: this.#path,
        headers: [...this.#headers, ...headers],
        body,
        signal: attempt.signal,
        onInfo: informational.note,
      });
      return await read(response);
    } catch (error) {
      return this.#explain(error);
    } finally {
      cancel();
      signal.removeEventListener("abort", stop);
    }
  }

  async #judge({ statusCode: status, headers, body }: Dispatcher.ResponseData): Promise<Outcome> {
    const { "retry-after": after } = headers;
    const rejects = status >= 400 && status < 500;
    const text = rejects ? showText(this.#hideSecrets(await readStart(body))) : "";
    // To its end, so that the connection can be used again, but no further than the limit.
    if (!rejects) await body.dump({ limit: MAX_ANSWER_BYTES }).catch(() => undefined);
    const retryAfter = Array.isArray(after) ? after[0] : after;
    return judgeAnswer({ status, retryAfter, text }, this.#clock.now());
  }

  #explain(error: unknown): Outcome {
    if (error === STOPPED) return { kind: "retry", reason: "stopped", status: "", afterMs: undefined };
    if (error === TIMED_OUT) {
      const reason = `no answer within ${this.#timeoutMs} ms`;
      return { kind: "retry", reason, status: "", afterMs: undefined, mayBeEvents: true };
    }
    if (error === ENDLESS) {
      const reason = "the receiver sent informational responses (1xx) without end";
      return { kind: "retry", reason, status: "", afterMs: undefined };
    }
    if (error instanceof errors.InvalidArgumentError) {
      const detail = `it cannot be sent as a request: ${error.message}`;
      return { kind: "rejected", reason: "rejected", detail, status: "" };
    }
    if (isUnaskedContinue(error)) {
      const reason = "the receiver sent 100 Continue without being asked, which ends the connection";
      return { kind: "retry", reason, status: "100", afterMs: undefined };
    }
    const { reason, misconfigured, broken } = explainNetworkFailure(error);
    if (misconfigured) return { kind: "parked", reason, status: "" };
    const retry = { kind: "retry", reason, status: "", afterMs: undefined } as const;
    return broken ? { ...retry, mayBeEvents: true } : retry;
  }
}

async function readValidationAnswer({
  statusCode: status,
  headers,
  body,
}: Dispatcher.ResponseData): Promise<ValidationAnswer> {
  await body.dump({ limit: MAX_ANSWER_BYTES }).catch(() => undefined);
  const {
    "webhook-allowed-origin": origin,
    "webhook-allowed-rate": rate,
    "retry-after": retryAfter,
  } = headers;
  return {
    status,
    allowedOrigin: joinValues(origin),
    allowedRate: joinValues(rate),
    retryAfter: joinValues(retryAfter),
  };
}

/** A header given more than once is the list of its values (RFC 9110, section 5.3). */
function joinValues(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "object" ? header.join(", ") : header?.trim();
}

const STOPPED = new Error("stopped");
const TIMED_OUT = new Error("timed out");
const ENDLESS = new Error("informational responses without end");

/**
 * undici, up to 7 at least, destroys the connection at a 100 before any handler hears of it, whichever of its
 * interfaces sends, and has no option against it. RFC 9110, section 15.2, has clients parse and drop it. The
 * message is all that tells it from a connection that broke.
 */
function isUnaskedContinue(error: unknown): boolean {
  return error instanceof errors.SocketError && error.message === "bad response";
}

/** The beginning of a text; the rest is thrown away. */
async function readStart(body: Dispatcher.ResponseData["body"]): Promise<string> {
  let bytes = Buffer.alloc(0);
  let read = 0;
  try {
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) break;
      read += chunk.length;
      const room = MAX_TEXT_BYTES - bytes.length;
      if (room > 0) bytes = Buffer.concat([bytes, chunk.subarray(0, room)]);
      if (read > MAX_ANSWER_BYTES) break;
    }
  } catch {
    // What was read before the connection broke is what there is to show.
  }
  return bytes.toString("utf8");
}

/** A text as far as it can be shown: short and on one line. */
function showText(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .replace(/[\p{Cc}\p{Cf}\ufffd\s]+/gu, " ")
    .trim();
}
