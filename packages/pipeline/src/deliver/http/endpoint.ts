import type { LookupFunction } from "node:net";
import { buildConnector, errors, Pool } from "undici";
import type { Clock, Outcome } from "../../contracts.ts";
import type { HttpSinkSettings } from "../../settings.ts";
import { isPrivateHost, publicLookup } from "../address-guard.ts";
import { explainNetworkFailure } from "../network-failure.ts";
import { tlsOptions } from "../tls.ts";
import { acceptContinue } from "./accept-continue.ts";
import { ENDLESS, Exchange, type Response } from "./exchange.ts";
import { fixedHeaders } from "./fixed-headers.ts";
import { createSecretHider } from "./hide-secrets.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { keepAlert } from "./keep-alert.ts";
import { type ValidationAnswer, WebhookPermission } from "./webhook.ts";
import { type WebhookTarget, WebhookTargets } from "./webhook-targets.ts";
import { WrittenBodies } from "./written-bodies.ts";

/** Of an answer's headers; with more it is none, whatever its status. Node's own limit, 16 KiB, is met by some cookies. */
const MAX_HEADER_BYTES = 64 * 1024;
/** Shown of the text with which a peer rejects. */
const MAX_TEXT = 300;
/** At the end of what was read of a longer text there may be the beginning of something that nobody knows for a secret. */
const UNSURE = 512;

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
  /** What is known of receivers already; nothing when left out. */
  readonly webhookTargets?: WebhookTargets | undefined;
  /** Masks what a receiver says; it stays as it is when left out. */
  readonly maskText?: ((text: string) => string) | undefined;
}

/** Where events are posted to: one origin, its connections, and what every request carries. */
export class Endpoint {
  readonly #pool: Pool;
  readonly #bodies = new WrittenBodies();
  readonly #path: string;
  readonly #headers: readonly string[];
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #target: WebhookTarget;
  readonly #permission: WebhookPermission | undefined;
  readonly #hideSecrets: (text: string) => string;
  readonly #maskText: (text: string) => string;

  /** @throws Error when the endpoint or a header is not one; it names the header and never its value */
  constructor(settings: HttpSinkSettings, ports: EndpointPorts) {
    const { clock, granted, lookup, webhookTargets } = ports;
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
    this.#maskText = ports.maskText ?? ((text) => text);
    this.#path = url.pathname + url.search;
    this.#timeoutMs = settings.timeoutMs;
    this.#clock = clock;
    this.#pool = new Pool(url.origin, {
      connections: settings.maxInFlight,
      pipelining: 1,
      // One timer bounds the whole attempt; these two would bound parts of it.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: MAX_HEADER_BYTES,
      connect: this.#bodies.follow(
        acceptContinue(
          keepAlert(
            buildConnector({
              timeout: settings.timeoutMs,
              ...(resolve === undefined ? {} : { lookup: resolve }),
              ...tlsOptions(settings.tls),
            }),
          ),
        ),
      ),
    });
    const targets = webhookTargets ?? new WebhookTargets();
    this.#target = targets.find(endpoint, webhook?.origin ?? "", clock);
    this.#permission =
      webhook &&
      new WebhookPermission(webhook, {
        clock,
        granted,
        target: this.#target,
        ask: (headers, signal) =>
          this.#request("OPTIONS", { headers, body: null }, signal, readValidationAnswer),
      });
  }

  /** Posts one request. Its outcome is known from the status line on, whatever becomes of the rest of the answer. */
  async post(message: Message, signal: AbortSignal): Promise<Outcome> {
    const refused = this.#permission === undefined ? this.#pause() : await this.#permission.admit(signal);
    if (refused !== undefined) return refused;
    const outcome = await this.#request("POST", message, signal, (response) => this.#judge(response));
    this.#target.heed(outcome);
    this.#permission?.note(outcome);
    return outcome;
  }

  /** What becomes of a request that would go while the receiver wants none. */
  #pause(): Outcome | undefined {
    const { pausedMs } = this.#target.rate;
    if (pausedMs === 0) return undefined;
    const reason = "the receiver wants no requests for now";
    return { kind: "retry", reason, status: "", afterMs: pausedMs, holdsSink: true };
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #request<Answer>(
    method: "POST" | "OPTIONS",
    { headers, body }: Message,
    signal: AbortSignal,
    read: (response: Response) => Answer,
  ): Promise<Answer | Outcome> {
    const exchange = new Exchange();
    const stop = (): void => exchange.abort(STOPPED);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const cancel = this.#clock.schedule(this.#timeoutMs, () => exchange.abort(TIMED_OUT));
    try {
      this.#pool.dispatch(
        { method, path: this.#path, headers: [...this.#headers, ...headers], body },
        exchange,
      );
      const response = await exchange.response;
      if (response.isWhole && body instanceof Uint8Array) this.#bodies.free(body);
      return read(response);
    } catch (error) {
      return this.#explain(error);
    } finally {
      cancel();
      signal.removeEventListener("abort", stop);
    }
  }

  #judge({ status, headers, text, isCut }: Response): Outcome {
    const { "retry-after": after } = headers;
    const retryAfter = Array.isArray(after) ? after[0] : after;
    const shown = text === "" ? "" : showText(this.#mask(text, isCut));
    return judgeAnswer({ status, retryAfter, text: shown }, this.#clock.now());
  }

  /** A receiver may quote what it was sent. What is shown of it is cut from what is masked, never the other way round. */
  #mask(text: string, isCut: boolean): string {
    const masked = this.#maskText(this.#hideSecrets(text));
    return isCut ? masked.slice(0, -UNSURE) : masked;
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
    const { reason, misconfigured, broken } = explainNetworkFailure(error);
    if (misconfigured) return { kind: "parked", reason, status: "" };
    const retry = { kind: "retry", reason, status: "", afterMs: undefined } as const;
    return broken ? { ...retry, mayBeEvents: true } : retry;
  }
}

function readValidationAnswer({ status, headers }: Response): ValidationAnswer {
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

/** A text as far as it can be shown: short and on one line. */
function showText(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .replace(/[\p{Cc}\p{Cf}\ufffd\s]+/gu, " ")
    .trim();
}
