/**
 * The emitter's own work must make no events: its requests would be spans, the spans events, the events requests, for
 * ever. Two marks keep it out. Tracing is suppressed in OTel's context, so that instrumentations make no spans; but
 * without a context manager OTel's context is not kept beyond a call. So the work runs in a context of our own as well,
 * which Node keeps through promises, timers and sockets, and what is emitted in there the emitter leaves alone.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context, createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";

/**
 * The key under which `suppressTracing` of `@opentelemetry/core` marks a context. API keys are registered
 * symbols, so the name alone finds it; 2.x and 3.x use the same, and tests in both hold it to that.
 */
const SUPPRESS_TRACING = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

/** Starts at the root: a delivery is no part of the request in which its event was emitted. */
const SUPPRESSED: Context = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

/** One for all emitters: two that deliver each other's requests would feed each other. */
const ownWork = new AsyncLocalStorage<boolean>();

/** Runs `work`, and whatever it starts, as work of the emitter's own: no instrumentation makes an event of it. */
export function asOwnWork<Result>(work: () => Result): Result {
  return ownWork.run(true, () => context.with(SUPPRESSED, work));
}

/** Runs a function of the application's that the emitter's own work calls: what it emits counts. */
export function asApplicationWork<Result>(work: () => Result): Result {
  return ownWork.run(false, work);
}

/** True within {@link asOwnWork}. */
export function isOwnWork(): boolean {
  return ownWork.getStore() === true;
}
