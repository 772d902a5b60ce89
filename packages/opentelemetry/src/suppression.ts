/**
 * The emitter's own work must make no events: its requests would be spans, the spans events, the events requests, for
 * ever. Two marks keep it out. Tracing is suppressed in OTel's context, so that instrumentations make no spans; but
 * without a context manager OTel's context is not kept beyond a call. So the work runs in a context of our own as well,
 * which Node keeps through promises, timers and sockets, and what is emitted in there the emitter leaves alone.
 *
 * Nor is it part of the request in which it happens to begin: timers, loops and sockets would keep that request's
 * context, with all that the application has put there, for as long as they live, and show it to `onLoss`.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "@coresdk/pipeline";
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

/** The context in which this module was loaded: an emitter may be made in a request, its package seldom is. */
const inLoadingContext: <Result>(work: () => Result) => Result = AsyncLocalStorage.snapshot();

/** Runs `work`, and whatever it starts, outside any request of the application's. */
export function atRoot<Result>(work: () => Result): Result {
  return inLoadingContext(() => context.with(ROOT_CONTEXT, work));
}

/** Runs `work`, and whatever it starts, as work of the emitter's own: no instrumentation makes an event of it. */
export function asOwnWork<Result>(work: () => Result): Result {
  return inLoadingContext(() => ownWork.run(true, () => context.with(SUPPRESSED, work)));
}

/** Runs a function of the application's that the emitter's own work calls: what it emits counts. */
export function asApplicationWork<Result>(work: () => Result): Result {
  return atRoot(() => ownWork.run(false, work));
}

/** True within {@link asOwnWork}. */
export function isOwnWork(): boolean {
  return ownWork.getStore() === true;
}

/** The same clock, whose timers run outside any request of the application's. */
export function outsideRequests(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
    schedule: (delayMs, callback) => atRoot(() => clock.schedule(delayMs, callback)),
  };
}
