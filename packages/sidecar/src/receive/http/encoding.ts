/** The `Content-Type` and `Content-Encoding` of OTLP/HTTP requests. */
import type { OtlpEncoding } from "@coresdk/pipeline";

export const mediaTypes: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: "application/x-protobuf",
  json: "application/json",
};

const encodings: ReadonlyMap<string, OtlpEncoding> = new Map([
  [mediaTypes.protobuf, "protobuf"],
  [mediaTypes.json, "json"],
]);

/** The encoding that a media type names, in any case and with parameters; `undefined` for another one. */
export function readMediaType(contentType: string | undefined): OtlpEncoding | undefined {
  if (contentType === undefined) return undefined;
  const exact = encodings.get(contentType);
  if (exact !== undefined) return exact;
  const [essence = ""] = contentType.split(";", 1);
  return encodings.get(essence.trim().toLowerCase());
}

/** `x-gzip` is another name of gzip (RFC 9110, section 8.4.1.3). */
const compressions: ReadonlyMap<string, "none" | "gzip"> = new Map([
  ["", "none"],
  ["identity", "none"],
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
]);

/** How a body is compressed; `undefined` when it is a way that OTLP does not know. */
export function readContentEncoding(contentEncoding: string | undefined): "none" | "gzip" | undefined {
  return contentEncoding === undefined ? "none" : compressions.get(contentEncoding.trim().toLowerCase());
}
