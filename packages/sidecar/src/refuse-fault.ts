import {
  type FactRecorder,
  type OtlpDecodeError,
  type OtlpEncoding,
  OtlpTooLargeError,
} from "@coresdk/pipeline";
import type { Refused } from "./contracts.ts";
import { sidecarFacts } from "./facts.ts";
import { refuseBadRequest, refuseTooMuch } from "./protocol/refusal.ts";

/** Counts a request with which something is wrong, and gives the answer to it (semantics, section 5). */
export function refuseFault(
  fault: OtlpDecodeError | OtlpTooLargeError,
  encoding: OtlpEncoding,
  facts: FactRecorder,
): Refused {
  if (fault instanceof OtlpTooLargeError) {
    facts.record(sidecarFacts.tooMuch, 1, { encoding });
    return refuseTooMuch(fault.message);
  }
  facts.record(sidecarFacts.undecodable, 1, { encoding });
  return refuseBadRequest(fault.message);
}
