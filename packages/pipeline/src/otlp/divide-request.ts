import type { OtlpEncoding } from "../contracts.ts";
import { divideLogs } from "./divide.ts";
import { divideJsonLogs } from "./json/divide.ts";

/**
 * A logs request without some of its records (semantics, section 1): what stays keeps its bytes, and an envelope
 * of which no record stays goes with them.
 *
 * @param request a request that intake took before; others are not checked here
 * @param places of the records to leave out, counted over all records of the request, ascending
 */
export function divideRequest(
  request: Uint8Array,
  encoding: OtlpEncoding,
  places: readonly number[],
): Uint8Array {
  return encoding === "json" ? divideJsonLogs(request, places) : divideLogs(request, places);
}
