import { type Context, context, createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";

/**
 * The key under which `suppressTracing` of `@opentelemetry/core` marks a context. API keys are registered
 * symbols, so the name alone finds it; 2.x and 3.x use the same, and tests in both hold it to that.
 */
const SUPPRESS_TRACING = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

/** Starts at the root: a delivery is no part of the request in which its event was emitted. */
const SUPPRESSED: Context = ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true);

/** Runs `work`, and whatever it starts, so that no instrumentation makes a span of it. */
export function withoutTracing<Result>(work: () => Result): Result {
  return context.with(SUPPRESSED, work);
}
