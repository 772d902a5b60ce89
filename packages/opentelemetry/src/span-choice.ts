import { nameFailure } from "./failure.ts";
import type { EmitterOptions } from "./options.ts";
import type { SpanView } from "./sdk.ts";
import { isMarked } from "./span-record.ts";

/** The application's function threw; the message says what, without anything from the span. */
export class SpanChoiceError extends Error {
  override readonly name = "SpanChoiceError";
}

/** True for a span that becomes an event. */
export type SpanChoice = (span: SpanView) => boolean;

/**
 * What `options.spans` says of a span. A function's answer counts when it is exactly `true`: a promise, which is what
 * an async function answers, would else let every span through.
 *
 * The choice throws a {@link SpanChoiceError} when the function throws.
 *
 * @param warn told of the first answer that is neither `true` nor `false`
 */
export function createSpanChoice(
  spans: NonNullable<EmitterOptions["spans"]>,
  warn: (message: string) => void,
): SpanChoice {
  if (spans === "all") return () => true;
  if (spans === "marked") return isMarked;
  let warned = false;
  return (span) => {
    const answer = ask(spans, span);
    if (typeof answer === "boolean") return answer;
    // A rejection that nobody handles would end the application.
    if (answer instanceof Promise) answer.catch(() => {});
    if (!warned) {
      warned = true;
      const what = answer instanceof Promise ? "a promise" : answer === null ? "null" : typeof answer;
      warn(`spans must answer true or false, and answered ${what}: such spans are no events`);
    }
    return false;
  };
}

function ask(choose: (span: SpanView) => unknown, span: SpanView): unknown {
  try {
    return choose(span);
  } catch (cause) {
    throw new SpanChoiceError(`the function spans threw ${nameFailure(cause)}`, { cause });
  }
}
