/** What both ways to an upstream have in common. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Clock, OtlpEncoding } from "@coresdk/pipeline";
import type { ExportAnswer, Signal } from "../contracts.ts";
import { checkUpstreamHeaderName } from "./header-name.ts";
import type { ForwardSettings } from "./settings.ts";
import { describeOversizedAnswer, refuseOversizedAnswer } from "./translate.ts";

/** What became of one message. */
export interface Sent {
  readonly answer: ExportAnswer;
  /** Why nothing came back; `undefined` when the answer is the upstream's own. */
  readonly unreachable: string | undefined;
  /** What an operator has to change before the upstream takes anything. */
  readonly advice?: string | undefined;
  /** What the log says of a refusal instead of its status. */
  readonly remark?: string | undefined;
}

/** One way to the upstream. It rejects never: a failure is an answer. */
export interface Transport {
  send(signal: Signal, message: Uint8Array, encoding: OtlpEncoding): Promise<Sent>;
  close(): Promise<void>;
}

export interface TransportPorts {
  readonly clock: Clock;
}

/** An answer beyond the limit, which is not read. */
export function discardOversized(maxBytes: number): Sent {
  const remark = describeOversizedAnswer(maxBytes);
  return { answer: refuseOversizedAnswer(maxBytes), unreachable: undefined, remark };
}

const gzipAsync = promisify(gzip);

/** The message as the settings want it sent. */
export async function compress(message: Uint8Array, settings: ForwardSettings): Promise<Uint8Array> {
  return settings.compression === "gzip" ? gzipAsync(message) : message;
}

export const USER_AGENT = "coresdk-sidecar";

const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The configured headers, ready to send.
 * @throws when one is illegal or not the user's to set; the value is never quoted
 */
export function revealHeaders(settings: ForwardSettings): Readonly<Record<string, string>> {
  const headers: [string, string][] = settings.headers.map(([name, secret]) => {
    const lower = name.toLowerCase();
    const value = secret.reveal();
    const fault = checkUpstreamHeaderName(name);
    if (fault !== undefined) throw new Error(`otel.headers: ${fault}`);
    if (!VALUE.test(value)) throw new Error(`otel.headers: the value of ${lower} has forbidden characters`);
    return [lower, value];
  });
  return Object.fromEntries(headers);
}

/**
 * TLS options that undici's and Node's own clients both take. Verification is asked for by name: Node's own default is
 * off where the environment has NODE_TLS_REJECT_UNAUTHORIZED=0.
 */
export function tlsOptions(settings: ForwardSettings): Readonly<Record<string, string | boolean>> {
  const { ca, cert, key, servername } = settings.tls ?? {};
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key: key.reveal() }),
    ...(servername === undefined ? {} : { servername }),
  };
}

/** Names a failed connection: its code, and nothing that came over the wire. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  if (error.cause instanceof Error) return describeError(error.cause);
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
