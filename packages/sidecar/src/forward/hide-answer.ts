import { createSecretHider, type OtlpEncoding } from "@coresdk/pipeline";
import { ACCEPTED, type ExportAnswer, type Signal } from "../contracts.ts";
import { decodeExportResponse, encodeExportResponse } from "../protocol/export-response.ts";
import type { ForwardSettings } from "./settings.ts";

export type HideInAnswer = (answer: ExportAnswer, signal: Signal, encoding: OtlpEncoding) => ExportAnswer;

/** Bytes beyond it are not searched, and not given on as they are: the answer is written anew from what is known of it. */
const MAX_SEARCHED_BYTES = 64 * 1024;

/** Texts beyond it are not searched, and not shown either. */
const MAX_SEARCHED_CHARS = 64 * 1024;
const TOO_LONG = `(the upstream says more than ${MAX_SEARCHED_CHARS} characters, which are not shown)`;

/**
 * Makes a function that hides what the upstream is sent as credentials in what it answers: any client may see the
 * answer, and an upstream may quote the request. An answer in which nothing is found stays as it is.
 */
export function createAnswerHider({ headers, endpoint }: ForwardSettings): HideInAnswer {
  return hideInAnswers(createSecretHider({ headers, endpoint }));
}

/**
 * Makes a function that hides things in answers.
 *
 * @param hide gives a text without what is to be hidden in it, and the same text when there is nothing
 */
export function hideInAnswers(hide: (text: string) => string): HideInAnswer {
  /** Whole or not at all: half of what is to be hidden is not found. */
  function hideIn(text: string): string {
    return text.length > MAX_SEARCHED_CHARS ? TOO_LONG : hide(text);
  }

  function holdsSecret(bytes: Uint8Array): boolean {
    if (bytes.length > MAX_SEARCHED_BYTES) return true;
    // In protobuf strings stand as they are, and what is between them is no text and does not matter.
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
    return hide(text) !== text;
  }

  return (answer, signal, encoding) => {
    if (answer.kind === "accepted") {
      const { response } = answer;
      if (response === undefined || !holdsSecret(response)) return answer;
      const partial = decodeExportResponse(response, signal, encoding);
      if (partial === undefined || partial === "none") return ACCEPTED;
      const { rejected, errorMessage } = partial;
      return {
        kind: "accepted",
        response: encodeExportResponse({ rejected, errorMessage: hideIn(errorMessage) }, signal, encoding),
      };
    }
    const { message, statusBody } = answer;
    const details = answer.details.filter(
      ({ typeUrl, value }) => hide(typeUrl) === typeUrl && !holdsSecret(value),
    );
    return {
      ...answer,
      message: hideIn(message),
      details,
      // Without it the door writes a status of code, message and details.
      statusBody: statusBody === undefined || holdsSecret(statusBody) ? undefined : statusBody,
    };
  };
}
