import assert from "node:assert/strict";
import type { Outcome, Sink } from "../../../src/contracts.ts";
import { createHttpSink, type HttpSinkPorts } from "../../../src/deliver/http/http-sink.ts";
import type { HttpSinkSettings, TlsSettings } from "../../../src/settings.ts";
import { systemClock } from "../../../src/system.ts";
import { sinkEvents } from "../events.ts";
import { FactsOfTest } from "../rig.ts";

/** TLS with nothing said about it. */
export const NO_TLS: TlsSettings = { ca: undefined, cert: undefined, key: undefined, servername: undefined };

/** Settings of a test: an event a request, at once. */
export function httpSettings(endpoint: string, changes: Partial<HttpSinkSettings> = {}): HttpSinkSettings {
  return {
    kind: "http",
    name: "default",
    endpoint,
    headers: [],
    batchSize: 1,
    flushIntervalMs: 0,
    contentMode: "structured",
    timeoutMs: 10_000,
    maxInFlight: 1,
    tls: undefined,
    overrides: {},
    ...changes,
  };
}

/** A sink over the system's clock, unless told otherwise; its facts go nowhere. */
export function openSink(
  endpoint: string,
  changes: Partial<HttpSinkSettings> = {},
  ports: Partial<HttpSinkPorts> = {},
): Sink & AsyncDisposable {
  const allPorts = { clock: systemClock, facts: new FactsOfTest(), ...ports };
  const sink = createHttpSink(httpSettings(endpoint, changes), allPorts);
  return Object.assign(sink, { [Symbol.asyncDispose]: () => sink.close() });
}

/** Sends one event. */
export async function sendOne(sink: Sink, id = "1"): Promise<Outcome> {
  const [outcome] = await sink.send(sinkEvents({ id }), new AbortController().signal);
  assert.ok(outcome);
  return outcome;
}

/** Sends one event with a sink of its own. */
export async function post(...sink: Parameters<typeof openSink>): Promise<Outcome> {
  await using opened = openSink(...sink);
  return await sendOne(opened);
}

/** Why nothing was delivered for now. */
export function reasonOf(outcome: Outcome): string {
  return outcome.kind === "parked" || outcome.kind === "retry" ? outcome.reason : "";
}
