import type { RegoValue } from "./contracts.ts";
import { RegoError } from "./errors.ts";

/** Deeper than this the engine would not read it either. */
const MAX_DEPTH = 100;
/** What the engine's JSON reader takes for the spelling of a number. */
const RESERVED_KEY = "$serde_json::private::Number";

/**
 * An input as JSON; the empty text stands for none.
 *
 * @throws RegoError with the code `input`
 */
export function encodeInput(input: RegoValue | undefined, maxLength: number): string {
  if (input === undefined) return "";
  const text = encode(input, 0);
  if (text.length > maxLength) {
    throw new RegoError("input", `the input is longer than ${maxLength} characters`);
  }
  return text;
}

function encode(value: RegoValue | undefined, depth: number): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "boolean":
    case "bigint":
      return String(value);
    case "number":
      if (!Number.isFinite(value)) throw new RegoError("input", `the input holds the number ${value}`);
      return String(value);
    case "object":
      break;
    default:
      throw new RegoError("input", `the input holds a ${typeof value}`);
  }
  if (value === null) return "null";
  if (depth === MAX_DEPTH) throw new RegoError("input", `the input is nested more than ${MAX_DEPTH} deep`);
  return isArray(value) ? encodeArray(value, depth + 1) : encodeObject(value, depth + 1);
}

function encodeArray(items: readonly RegoValue[], depth: number): string {
  return `[${items.map((item) => encode(item, depth)).join(",")}]`;
}

function encodeObject(object: { readonly [key: string]: RegoValue }, depth: number): string {
  let text = "";
  for (const key of Object.keys(object)) {
    const value = object[key];
    // As in JSON.stringify: an optional field that is not set.
    if (value === undefined) continue;
    if (key === RESERVED_KEY) throw new RegoError("input", `the input holds the key ${RESERVED_KEY}`);
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${encode(value, depth)}`;
  }
  return `{${text}}`;
}

function isArray(value: RegoValue): value is readonly RegoValue[] {
  return Array.isArray(value);
}

/** Reads what the engine wrote. Integers that a number cannot hold become `bigint`. */
export function decodeValue(text: string): RegoValue {
  if (text === "true") return true;
  if (text === "false") return false;
  return /\d{16}/.test(text) ? JSON.parse(text, exactInteger) : JSON.parse(text);
}

function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
