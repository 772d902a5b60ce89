/**
 * `google.rpc.Status`, in which both OTLP protocols say why they refuse.
 *
 *   Status = code:1 int32  message:2 string  details:3 repeated Any
 *   Any    = type_url:1 string  value:2 bytes
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { StatusDetail } from "../contracts.ts";
import { describeDetail, readDescribedDetail } from "./details.ts";
import { parseJsonObject, readFields, readLeniently } from "./wire.ts";

export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly StatusDetail[];
}

/** More than any server sends; what comes after is left out. */
const MAX_DETAILS = 32;

/** Encodes a status as protobuf. */
export function encodeStatus(status: RpcStatus): Uint8Array {
  const writer = new BinaryWriter();
  if (status.code !== 0) writer.tag(1, WireType.Varint).int32(status.code);
  if (status.message !== "") writer.tag(2, WireType.LengthDelimited).string(status.message);
  for (const { typeUrl, value } of status.details) {
    writer.tag(3, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(typeUrl);
    writer.tag(2, WireType.LengthDelimited).bytes(value);
    writer.join();
  }
  return writer.finish();
}

/** Decodes a status; `undefined` when the bytes are none. */
export function decodeStatus(bytes: Uint8Array): RpcStatus | undefined {
  return readLeniently(() => {
    const details: StatusDetail[] = [];
    let code = 0;
    let message = "";
    readFields(bytes, {
      1: [
        WireType.Varint,
        (reader) => {
          code = reader.int32();
        },
      ],
      2: [
        WireType.LengthDelimited,
        (reader) => {
          message = reader.string();
        },
      ],
      3: [
        WireType.LengthDelimited,
        (reader) => {
          const detail = decodeAny(reader.bytes());
          if (details.length < MAX_DETAILS) details.push(detail);
        },
      ],
    });
    return { code, message, details };
  });
}

/** Encodes a status in the JSON form of protobuf; details of a type unknown here have none and are left out. */
export function encodeStatusJson(status: RpcStatus): Uint8Array {
  const details = status.details.map(describeDetail).filter((detail) => detail !== undefined);
  const json = {
    code: status.code,
    message: status.message,
    ...(details.length === 0 ? {} : { details }),
  };
  return Buffer.from(JSON.stringify(json));
}

/**
 * Reads a status in the JSON form of protobuf; of its details only `RetryInfo`. `undefined` when the bytes
 * are no JSON object.
 */
export function decodeStatusJson(bytes: Uint8Array): RpcStatus | undefined {
  const json = parseJsonObject(bytes);
  if (json === undefined) return undefined;
  const { code, message, details } = json;
  return {
    code: typeof code === "number" ? code : 0,
    message: typeof message === "string" ? message : "",
    details: (Array.isArray(details) ? details : [])
      .slice(0, MAX_DETAILS)
      .map(readDescribedDetail)
      .filter((detail) => detail !== undefined),
  };
}

function decodeAny(bytes: Uint8Array): StatusDetail {
  let typeUrl = "";
  let value: Uint8Array = new Uint8Array();
  readFields(bytes, {
    1: [
      WireType.LengthDelimited,
      (reader) => {
        typeUrl = reader.string();
      },
    ],
    2: [
      WireType.LengthDelimited,
      (reader) => {
        value = reader.bytes();
      },
    ],
  });
  return { typeUrl, value };
}
