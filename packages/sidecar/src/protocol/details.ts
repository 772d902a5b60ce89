/**
 * The details of a `google.rpc.Status` that OTLP names.
 *
 *   RetryInfo       = retry_delay:1 Duration
 *   Duration        = seconds:1 int64  nanos:2 int32
 *   BadRequest      = field_violations:1 repeated FieldViolation
 *   FieldViolation  = field:1 string  description:2 string
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { StatusDetail } from "../contracts.ts";
import { isJsonObject, type JsonObject, readFields, readLeniently } from "./wire.ts";

const RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";

/** A peer may ask for any wait; beyond an hour it is not heeded, as with sinks: nobody would send for years. */
const MAX_DELAY_MS = 3_600_000;

/** The seconds of a JSON `Duration`. */
const DURATION = /^(\d+(?:\.\d{1,9})?)s$/;

/** More violations than any server names; the rest is left out. */
const MAX_VIOLATIONS = 32;

/** A `RetryInfo` that asks for this wait. */
export function createRetryInfo(delayMs: number): StatusDetail {
  const seconds = Math.floor(delayMs / 1000);
  const nanos = Math.floor((delayMs - seconds * 1000) * 1e6);
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).fork();
  if (seconds !== 0) writer.tag(1, WireType.Varint).int64(seconds);
  if (nanos !== 0) writer.tag(2, WireType.Varint).int32(nanos);
  writer.join();
  return { typeUrl: RETRY_INFO, value: writer.finish() };
}

/** A `BadRequest` that says what is wrong with the request (OTLP, "Bad Data"). */
export function createBadRequest(description: string): StatusDetail {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).fork();
  writer.tag(2, WireType.LengthDelimited).string(description);
  writer.join();
  return { typeUrl: BAD_REQUEST, value: writer.finish() };
}

/** The wait that a `RetryInfo` among the details asks for, in ms; `undefined` without one. */
export function findRetryDelay(details: readonly StatusDetail[]): number | undefined {
  const info = details.find(isRetryInfo);
  // A RetryInfo without a readable delay still says that trying again may help.
  return info === undefined ? undefined : (readLeniently(() => readRetryDelay(info.value)) ?? 0);
}

export function isRetryInfo(detail: StatusDetail): boolean {
  return detail.typeUrl.endsWith("/google.rpc.RetryInfo");
}

/** A wait as somebody asked for it, within bounds. */
export function boundDelay(delayMs: number): number {
  return Math.min(Math.max(delayMs, 0), MAX_DELAY_MS);
}

/** A detail in the JSON form of `Any`; `undefined` for a type that is unknown here. */
export function describeDetail({ typeUrl, value }: StatusDetail): JsonObject | undefined {
  if (typeUrl === RETRY_INFO) {
    const delayMs = readLeniently(() => readRetryDelay(value)) ?? 0;
    return { "@type": RETRY_INFO, retryDelay: `${delayMs / 1000}s` };
  }
  if (typeUrl === BAD_REQUEST) {
    const fieldViolations = readLeniently(() => readViolations(value));
    return fieldViolations === undefined ? undefined : { "@type": BAD_REQUEST, fieldViolations };
  }
  return undefined;
}

/** Reads a detail in the JSON form of `Any`; only `RetryInfo` is of use here. */
export function readDescribedDetail(detail: unknown): StatusDetail | undefined {
  if (!isJsonObject(detail) || detail["@type"] !== RETRY_INFO) return undefined;
  const delay = detail["retryDelay"];
  const seconds = typeof delay === "string" ? DURATION.exec(delay)?.[1] : undefined;
  return createRetryInfo(boundDelay(Number(seconds ?? 0) * 1000));
}

function readRetryDelay(retryInfo: Uint8Array): number {
  let delay: Uint8Array = new Uint8Array();
  readFields(retryInfo, {
    1: [
      WireType.LengthDelimited,
      (reader) => {
        delay = reader.bytes();
      },
    ],
  });
  let seconds = 0;
  let nanos = 0;
  readFields(delay, {
    1: [
      WireType.Varint,
      (reader) => {
        seconds = Number(reader.int64());
      },
    ],
    2: [
      WireType.Varint,
      (reader) => {
        nanos = reader.int32();
      },
    ],
  });
  return boundDelay(seconds * 1000 + nanos / 1e6);
}

function readViolations(badRequest: Uint8Array): readonly JsonObject[] {
  const violations: JsonObject[] = [];
  readFields(badRequest, {
    1: [
      WireType.LengthDelimited,
      (reader) => {
        const violation: { field?: string; description?: string } = {};
        readFields(reader.bytes(), {
          1: [
            WireType.LengthDelimited,
            (inner) => {
              violation.field = inner.string();
            },
          ],
          2: [
            WireType.LengthDelimited,
            (inner) => {
              violation.description = inner.string();
            },
          ],
        });
        if (violations.length < MAX_VIOLATIONS) violations.push(violation);
      },
    ],
  });
  return violations;
}
