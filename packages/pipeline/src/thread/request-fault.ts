import { OtlpDecodeError, OtlpTooLargeError } from "../contracts.ts";
import { TaskFailedError } from "./task-thread.ts";

/**
 * What is wrong with a request, when that is what the error says: thrown here, or by a task in a thread, of which
 * nothing but the name and the message comes over.
 *
 * @returns `undefined` for any other error
 */
export function findRequestFault(error: unknown): OtlpDecodeError | OtlpTooLargeError | undefined {
  if (error instanceof OtlpDecodeError || error instanceof OtlpTooLargeError) return error;
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
