/**
 * The answer to an export request that was taken.
 *
 *   Export{Logs,Trace,Metrics}ServiceResponse = partial_success:1 PartialSuccess
 *   PartialSuccess                            = rejected_{log_records,spans,data_points}:1 int64  error_message:2 string
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { OtlpEncoding } from "@coresdk/pipeline";
import type { Signal } from "../contracts.ts";
import { isJsonObject, parseJsonObject, readFields, readLeniently } from "./wire.ts";

export interface PartialSuccess {
  readonly rejected: bigint;
  readonly errorMessage: string;
}

const rejectedKey: Readonly<Record<Signal, string>> = {
  logs: "rejectedLogRecords",
  traces: "rejectedSpans",
  metrics: "rejectedDataPoints",
};

/** Encodes the response with its `partial_success`. */
export function encodeExportResponse(
  partial: PartialSuccess,
  signal: Signal,
  encoding: OtlpEncoding,
): Uint8Array {
  if (encoding === "json") {
    const { rejected, errorMessage } = partial;
    const partialSuccess = { [rejectedKey[signal]]: rejected.toString(), errorMessage };
    return Buffer.from(JSON.stringify({ partialSuccess }));
  }
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).fork();
  if (partial.rejected !== 0n) writer.tag(1, WireType.Varint).int64(partial.rejected);
  if (partial.errorMessage !== "") writer.tag(2, WireType.LengthDelimited).string(partial.errorMessage);
  writer.join();
  return writer.finish();
}

/**
 * Reads the response.
 * @returns its `partial_success`; `"none"` when that is unset; `undefined` when the bytes are no response
 */
export function decodeExportResponse(
  bytes: Uint8Array,
  signal: Signal,
  encoding: OtlpEncoding,
): PartialSuccess | "none" | undefined {
  if (encoding === "json") return decodeJson(bytes, signal);
  return readLeniently(() => {
    let partial: PartialSuccess | "none" = "none";
    readFields(bytes, {
      1: [
        WireType.LengthDelimited,
        (reader) => {
          partial = decodePartialSuccess(reader.bytes());
        },
      ],
    });
    return partial;
  });
}

function decodePartialSuccess(bytes: Uint8Array): PartialSuccess {
  let rejected = 0n;
  let errorMessage = "";
  readFields(bytes, {
    1: [
      WireType.Varint,
      (reader) => {
        rejected = BigInt(reader.int64());
      },
    ],
    2: [
      WireType.LengthDelimited,
      (reader) => {
        errorMessage = reader.string();
      },
    ],
  });
  return { rejected, errorMessage };
}

function decodeJson(bytes: Uint8Array, signal: Signal): PartialSuccess | "none" | undefined {
  const json = parseJsonObject(bytes);
  if (json === undefined) return undefined;
  const partial = json["partialSuccess"];
  if (partial === undefined || partial === null) return "none";
  if (!isJsonObject(partial)) return undefined;
  const errorMessage = partial["errorMessage"];
  return {
    rejected: readInt64(partial[rejectedKey[signal]]),
    errorMessage: typeof errorMessage === "string" ? errorMessage : "",
  };
}

/** The JSON form of `int64` is a decimal string; numbers are accepted too (protobuf's JSON mapping). */
function readInt64(value: unknown): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === "string" && /^-?\d{1,19}$/.test(value) ? BigInt(value) : 0n;
}
