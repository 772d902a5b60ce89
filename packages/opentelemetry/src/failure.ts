/** What the application throws, or rejects with, may be anything: also something that throws when it is looked at. */

/** The kind of a failure, without anything from its message: that may quote an event. */
export function nameFailure(error: unknown): string {
  return read(() => (error instanceof Error && typeof error.name === "string" ? error.name : typeof error));
}

/** The message of a failure of the pipeline's own. */
export function describeFailure(error: unknown): string {
  return read(() => (error instanceof Error ? String(error.message) : String(error)));
}

/** Runs what belongs to the application and tells `failed` when it throws, or when a promise that it gives rejects. */
export function runGuarded(
  work: () => unknown,
  failed: (how: "threw" | "rejected with", error: unknown) => void,
): void {
  try {
    const result = work();
    // An async function fits a callback without a result; unhandled, its rejection would end the application.
    if (typeof result === "object" && result !== null) {
      Promise.resolve(result).catch((error: unknown) => failed("rejected with", error));
    }
  } catch (error) {
    failed("threw", error);
  }
}

function read(describe: () => string): string {
  try {
    return describe();
  } catch {
    return "something unreadable";
  }
}
