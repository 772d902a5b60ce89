import { OtlpDecodeError, OtlpTooLargeError } from "../contracts.ts";
import { TaskAbandonedError, TaskFailedError } from "./task-thread.ts";

/**
 * What is wrong with a request, when that is what the error says: thrown here, or by a task in a thread, of which
 * nothing but the name and the message comes over. One that costs more than any that is meant well is at fault too: sent
 * again it would cost the same.
 *
 * @returns `undefined` for any other error
 */
export function findRequestFault(error: unknown): OtlpDecodeError | OtlpTooLargeError | undefined {
  if (error instanceof OtlpDecodeError || error instanceof OtlpTooLargeError) return error;
  if (error instanceof TaskAbandonedError && error.isCostly) {
    return new OtlpTooLargeError(`the request costs too much: ${error.message}`, { cause: error });
  }
  if (!(error instanceof TaskFailedError)) return undefined;
  switch (error.thrown) {
    case "OtlpDecodeError":
      return new OtlpDecodeError(error.message, { cause: error });
    case "OtlpTooLargeError":
      return new OtlpTooLargeError(error.message, { cause: error });
    default:
      return undefined;
  }
}
