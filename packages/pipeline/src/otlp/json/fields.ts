/**
 * Reading fields of proto3 JSON (protobuf.dev, "ProtoJSON Format", and the OTLP specification's "JSON Protobuf
 * Encoding"): `null` is the default, unknown fields are ignored, 64-bit integers are strings or numbers.
 * Names are lowerCamelCase alone: ProtoJSON parsers take the original ones as well, and OTLP/JSON does not ("original
 * field names are not valid to use as keys"). They are unknown fields here, as they are to the transcoder.
 */
import { OtlpDecodeError, OtlpTooLargeError } from "../../contracts.ts";

const INTEGER = /^-?[0-9]{1,20}$/;
const NUMBER = /^-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;
const BASE64 = /^([A-Za-z0-9+/_-]*)(={0,2})$/;

export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads fields and knows where it is: a fault is reported by its JSON path, never with the value. */
export class FieldReader {
  readonly #path: (string | number)[] = [];

  /** Runs `read` one step further down. */
  at<Result>(step: string | number, read: () => Result): Result {
    this.#path.push(step);
    const result = read();
    this.#path.pop();
    return result;
  }

  fault(expected: string): OtlpDecodeError {
    return new OtlpDecodeError(`${this.#place()}: expected ${expected}`);
  }

  /** The request can be read, and holds more than is taken at once. */
  excess(what: string): OtlpTooLargeError {
    return new OtlpTooLargeError(`${this.#place()}: ${what}`);
  }

  object(value: unknown): JsonObject {
    if (isObject(value)) return value;
    throw this.fault("an object");
  }

  /** The field's value; `undefined` when it has its default. */
  field(object: JsonObject, name: string): unknown {
    return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
  }

  /**
   * Calls `read` with each item of an array field.
   *
   * @param letGo each item is taken out of the array when it was read, so that what is read is not held until the end
   */
  each(object: JsonObject, name: string, read: (item: unknown) => void, letGo = false): void {
    const items = this.field(object, name);
    if (items === undefined) return;
    this.#path.push(name, 0);
    if (!Array.isArray(items)) {
      this.#path.pop();
      throw this.fault("an array");
    }
    for (let i = 0; i < items.length; i++) {
      this.#path[this.#path.length - 1] = i;
      read(items[i]);
      if (letGo) items[i] = undefined;
    }
    this.#path.length -= 2;
  }

  string(object: JsonObject, name: string): string {
    const value = this.field(object, name);
    if (value === undefined) return "";
    if (typeof value === "string") return toText(value);
    throw this.at(name, () => this.fault("a string"));
  }

  /** An integer field, between the limits; numbers in strings count. */
  integer(object: JsonObject, name: string, least: bigint, most: bigint): bigint | number {
    const value = this.field(object, name);
    return value === undefined ? 0 : this.at(name, () => this.toInteger(value, least, most));
  }

  toInteger(value: unknown, least: bigint, most: bigint): bigint | number {
    const isWhole = typeof value === "number" && Number.isInteger(value);
    if (isWhole && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    if (isWhole || typeof value === "bigint" || (typeof value === "string" && INTEGER.test(value))) {
      const exact = BigInt(value);
      if (exact >= least && exact <= most) {
        const rounded = Number(exact);
        return Number.isSafeInteger(rounded) ? rounded : exact;
      }
    }
    throw this.fault(`an integer from ${least} to ${most}`);
  }

  toDouble(value: unknown): number {
    if (typeof value === "number" || typeof value === "bigint") return Number(value);
    if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
    if (typeof value === "string" && value.length < 400 && NUMBER.test(value)) return Number(value);
    throw this.fault("a number, or NaN, Infinity or -Infinity as a string");
  }

  toBytes(value: unknown): Uint8Array {
    if (typeof value !== "string" || !isBase64(value)) throw this.fault("a base64 string");
    return new Uint8Array(Buffer.from(value, "base64"));
  }

  #place(): string {
    return `$${this.#path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("")}`;
  }
}

/**
 * A `string` of protobuf is UTF-8, which has no lone surrogates; JSON's escapes do, and what a receiver makes of them
 * is unpredictable (RFC 8259, section 8.2). They become what bytes that are no UTF-8 become in the protobuf encoding.
 */
export function toText(escaped: string): string {
  return escaped.toWellFormed();
}

/** Either alphabet, with its padding or without (ProtoJSON). One digit alone in the last group holds no byte. */
function isBase64(text: string): boolean {
  const [, digits = "", padding = ""] = BASE64.exec(text) ?? [];
  const last = digits.length % 4;
  if (digits.length + padding.length !== text.length || last === 1) return false;
  return padding === "" || (last > 0 && last + padding.length === 4);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
