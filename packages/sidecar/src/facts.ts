/** Every observable fact of the sidecar's doors and its forwarding, in the shape of the pipeline's own. */
import type { Fact } from "@coresdk/pipeline";

/** The names under which this package's code records them. */
export type SidecarFactName =
  | "requests"
  | "requestBytes"
  | "refused"
  | "connectionsRefused"
  | "connectionsPushedOut"
  | "malformed"
  | "handshakesFailed"
  | "undecodable"
  | "tooMuch"
  | "handlerFailed"
  | "forwarded"
  | "forwardedBytes"
  | "forwardRefused"
  | "forwardUnreachable"
  | "forwardUnread"
  | "forwardMasked"
  | "dropped"
  | "droppedBytes"
  | "otherRecords"
  | "resends"
  | "resendsForgotten";

/** Labels: `door` (`http`, `grpc`), `signal`, `reason`; never a value that a client chose. */
export const sidecarFacts: Readonly<Record<SidecarFactName, Fact>> = {
  requests: counter(
    "coresdk.otlp.requests",
    "{request}",
    "OTLP export requests read whole, by door and signal",
  ),
  requestBytes: counter("coresdk.otlp.request.size", "By", "Bytes of those requests after decompression"),
  refused: counter(
    "coresdk.otlp.refused",
    "{request}",
    "OTLP export requests that a door refused before anything looked at them, by door and reason",
    "warn",
  ),
  connectionsRefused: counter(
    "coresdk.otlp.connections.refused",
    "{connection}",
    "Connections beyond the limit of a door while each of the others had a request under way that was let in",
    "warn",
  ),
  connectionsPushedOut: counter(
    "coresdk.otlp.connections.pushed_out",
    "{connection}",
    "Connections ended at the limit of a door to let another in: strangers, idle ones, slow ones",
    "warn",
  ),
  malformed: counter(
    "coresdk.otlp.malformed",
    "{connection}",
    "Connections ended because what came was not the protocol, or came too slowly",
    "debug",
  ),
  handshakesFailed: counter(
    "coresdk.otlp.tls.failed",
    "{connection}",
    "TLS handshakes at a door that failed, by door and reason",
    "warn",
  ),
  undecodable: counter(
    "coresdk.otlp.undecodable",
    "{request}",
    "OTLP export requests that could not be decoded",
    "warn",
  ),
  tooMuch: counter(
    "coresdk.otlp.too_much",
    "{request}",
    "OTLP export requests that hold more records, events or values than are taken at once",
    "warn",
  ),
  handlerFailed: counter(
    "coresdk.otlp.failures",
    "{failure}",
    "Export requests that failed in a way nothing was prepared for",
    "error",
  ),
  forwarded: counter("coresdk.forward.requests", "{request}", "Messages that the upstream took, by signal"),
  forwardedBytes: counter("coresdk.forward.size", "By", "Bytes of those messages before compression"),
  forwardRefused: counter(
    "coresdk.forward.refused",
    "{request}",
    "Messages that the upstream refused, by signal and kind (retryable, permanent)",
    "warn",
  ),
  forwardUnreachable: counter(
    "coresdk.forward.unreachable",
    "{request}",
    "Messages for which the upstream could not be reached or did not answer in time, by signal",
    "warn",
  ),
  forwardUnread: counter(
    "coresdk.forward.unread",
    "{response}",
    "Answers of success whose message could not be read, by signal; the data counts as taken",
    "warn",
  ),
  forwardMasked: counter(
    "coresdk.forward.masked",
    "{request}",
    "Messages in which something personal or secret was replaced before they went on, by signal",
  ),
  dropped: counter(
    "coresdk.forward.dropped",
    "{request}",
    "Messages (requests, however many records they hold) accepted and dropped because there is no upstream, by signal",
  ),
  droppedBytes: counter("coresdk.forward.dropped.size", "By", "Bytes of those messages"),
  otherRecords: counter(
    "coresdk.logs.other",
    "{log_record}",
    "Log records that are no events and went on over OTLP, or were dropped without an upstream",
  ),
  resends: counter(
    "coresdk.logs.resends",
    "{request}",
    "Resent requests whose events were not appended again, only their rest forwarded",
    "debug",
  ),
  resendsForgotten: counter(
    "coresdk.logs.resends.forgotten",
    "{request}",
    "Requests forgotten before their resend came: their events would be delivered again, with the same ids",
  ),
};

function counter(name: string, unit: string, description: string, level?: Fact["level"]): Fact {
  return { name, kind: "counter", unit, description, ...(level === undefined ? {} : { level }) };
}
