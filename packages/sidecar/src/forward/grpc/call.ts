/**
 * One unary call (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md):
 *
 *   request  = headers  message            (the stream ends with it)
 *   response = headers  message  trailers  |  trailers alone, in the headers
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from "node:http2";
import { gunzipSync } from "node:zlib";
import { InformationalLimit } from "@coresdk/pipeline";
import { grpcCode, readGrpcCode } from "../../protocol/grpc-code.ts";
import { decodeGrpcMessage, encodePrefix, MessageReader } from "../../protocol/grpc-message.ts";
import { decodeStatus } from "../../protocol/rpc-status.ts";
import { type GrpcAnswer, MAX_DECODED_BYTES } from "../translate.ts";
import { describeError } from "../transport.ts";

export type CallOutcome =
  | { readonly kind: "answered"; readonly answer: GrpcAnswer }
  /** Something that does not speak gRPC answered: a proxy, as a rule. */
  | {
      readonly kind: "http";
      readonly status: number;
      readonly contentType: string;
      readonly retryAfter: string | undefined;
    }
  | { readonly kind: "oversized" }
  | { readonly kind: "timed_out" }
  | { readonly kind: "broken"; readonly detail: string }
  /** The upstream did not begin with the call (RFC 9113, section 8.7): it can be made again at once. */
  | { readonly kind: "not_started"; readonly detail: string };

export interface Call {
  readonly headers: OutgoingHttpHeaders;
  readonly message: Uint8Array;
  readonly compressed: boolean;
  readonly maxResponseBytes: number;
  /** Arms the deadline; the returned function disarms it. */
  readonly schedule: (callback: () => void) => () => void;
}

/** Makes the call and reads its answer. */
export function makeCall(session: ClientHttp2Session, call: Call): Promise<CallOutcome> {
  return new Promise((resolve) => {
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(call.headers);
    } catch (error) {
      resolve({ kind: "not_started", detail: describeError(error) });
      return;
    }
    const answer = new AnswerReader(call.maxResponseBytes);
    let failure = "";
    let settled = false;
    const settle = (outcome: CallOutcome): void => {
      if (settled) return;
      settled = true;
      disarm();
      session.off("goaway", onGoaway);
      resolve(outcome);
    };
    const disarm = call.schedule(() => {
      settle({ kind: "timed_out" });
      stream.close(constants.NGHTTP2_CANCEL);
    });
    // What is above the last stream named was not begun with (RFC 9113, section 6.8). Node itself ends such a
    // call only when its frames have been sent, and when the GOAWAY names no error.
    const onGoaway = (code: number, lastStreamId: number): void => {
      if (stream.id !== undefined && stream.id <= lastStreamId) return;
      settle({ kind: "not_started", detail: `GOAWAY ${code}` });
      stream.close(constants.NGHTTP2_CANCEL);
    };
    session.on("goaway", onGoaway);
    const informational = new InformationalLimit(() => {
      failure = "informational responses (1xx) without end";
      stream.close(constants.NGHTTP2_CANCEL);
    });
    stream.on("headers", (headers) => informational.note({ headers }));
    stream.on("response", (headers) => answer.readHeaders(headers));
    stream.on("trailers", (headers) => answer.readTrailers(headers));
    stream.on("data", (chunk: Buffer) => {
      if (answer.readData(chunk)) return;
      settle({ kind: "oversized" });
      stream.close(constants.NGHTTP2_CANCEL);
    });
    stream.on("error", (error) => {
      failure = describeError(error);
    });
    stream.on("close", () => {
      const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
      settle(
        answer.finish() ?? {
          kind: refused ? "not_started" : "broken",
          detail: failure === "" ? "the call was broken off" : failure,
        },
      );
    });
    stream.write(encodePrefix(call.message.length, call.compressed));
    stream.end(call.message);
  });
}

/** Puts the answer together from what comes. */
class AnswerReader {
  readonly #reader: MessageReader;
  #headers: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
  #trailers: IncomingHttpHeaders | undefined;
  #whole = false;

  constructor(maxBytes: number) {
    this.#reader = new MessageReader(maxBytes);
  }

  readHeaders(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    this.#headers = headers;
    if (headers["grpc-status"] !== undefined) this.#trailers = headers;
  }

  readTrailers(headers: IncomingHttpHeaders): void {
    this.#trailers = headers;
  }

  /** False when the message is larger than it may be. */
  readData(chunk: Buffer): boolean {
    // The body of an answer that is not gRPC is not looked at.
    if (!this.#isGrpc()) return true;
    const progress = this.#reader.push(chunk);
    this.#whole = progress === "complete";
    return progress !== "too_large";
  }

  /** What the answer says; `undefined` when it broke off before it said anything. */
  finish(): CallOutcome | undefined {
    const httpStatus = this.#headers[":status"];
    const status = this.#trailers?.["grpc-status"];
    if (this.#trailers !== undefined && status !== undefined) {
      return { kind: "answered", answer: this.#readAnswer(this.#trailers, String(status)) };
    }
    if (httpStatus === undefined || this.#isGrpc()) return undefined;
    const { "content-type": contentType = "", "retry-after": retryAfter } = this.#headers;
    return { kind: "http", status: httpStatus, contentType, retryAfter };
  }

  #readAnswer(trailers: IncomingHttpHeaders, status: string): GrpcAnswer {
    const code = readGrpcCode(/^\d{1,3}$/.test(status) ? Number(status) : grpcCode.unknown);
    const message = decodeGrpcMessage(String(trailers["grpc-message"] ?? ""));
    const encoded = trailers["grpc-status-details-bin"];
    const details = encoded === undefined ? [] : readDetails(String(encoded));
    if (code !== grpcCode.ok || this.#reader.heldBytes === 0) {
      return { code, message, details, response: undefined };
    }
    if (!this.#whole) return { code, message, details, response: "unreadable" };
    const { compressed, bytes } = this.#reader.take();
    return { code, message, details, response: compressed ? this.#decompress(bytes) : bytes };
  }

  /** A grpc-go server answers in the compression of the request, whatever the request says that it takes. */
  #decompress(bytes: Uint8Array): Uint8Array | "unreadable" {
    if (this.#headers["grpc-encoding"] !== "gzip") return "unreadable";
    try {
      return gunzipSync(bytes, { maxOutputLength: MAX_DECODED_BYTES });
    } catch {
      return "unreadable";
    }
  }

  #isGrpc(): boolean {
    return (this.#headers["content-type"] ?? "").startsWith("application/grpc");
  }
}

function readDetails(encoded: string): GrpcAnswer["details"] {
  return decodeStatus(Buffer.from(encoded, "base64"))?.details ?? [];
}
