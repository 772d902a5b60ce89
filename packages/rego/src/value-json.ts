import type { RegoValue } from "./contracts.ts";
import { RegoError } from "./errors.ts";

/** Deeper than this the engine would not read it either. */
const MAX_DEPTH = 100;
/** What the engine's JSON reader takes for the spelling of a number. */
const RESERVED_KEY = "$serde_json::private::Number";

/** An input as JSON, or why it is none; the empty text stands for none. */
export function tryEncodeInput(input: RegoValue | undefined, maxLength: number): string | RegoError {
  if (input === undefined) return "";
  try {
    return encodeTexts(input, maxLength) ?? new Encoder(maxLength).encode(input, 0);
  } catch (cause) {
    if (cause instanceof RegoError) return cause;
    // An object can do anything when it is read.
    return new RegoError("input", "the input cannot be read", { cause });
  }
}

/** Most inputs are an object of a few texts: such a one is written at once. `undefined` for what is none, or too long. */
function encodeTexts(input: RegoValue, maxLength: number): string | undefined {
  if (typeof input !== "object" || input === null || isArray(input)) return undefined;
  if (Object.getPrototypeOf(input) !== Object.prototype) return undefined;
  let length = 0;
  for (const key in input) {
    const value = input[key];
    if (typeof value !== "string" || key === RESERVED_KEY) return undefined;
    length += key.length + value.length;
    if (length > maxLength) return undefined;
  }
  const text = JSON.stringify(input);
  return text.length > maxLength ? undefined : text;
}

class Encoder {
  readonly #maxLength: number;
  /** Characters, and the brackets and commas around them: what holds itself many times ends soon too. */
  #length = 0;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** @throws RegoError with the code `input` */
  encode(value: RegoValue | undefined, depth: number): string {
    switch (typeof value) {
      case "string":
        this.#take(value.length);
        return this.#taken(JSON.stringify(value), value.length);
      case "boolean":
      case "bigint":
        return this.#taken(String(value), 0);
      case "number":
        if (!Number.isFinite(value)) throw new RegoError("input", `the input holds the number ${value}`);
        return this.#taken(String(value), 0);
      case "object":
        break;
      default:
        throw new RegoError("input", `the input holds a ${typeof value}`);
    }
    if (value === null) return this.#taken("null", 0);
    if (depth === MAX_DEPTH) throw new RegoError("input", `the input is nested more than ${MAX_DEPTH} deep`);
    this.#take(2);
    return isArray(value) ? this.#encodeArray(value, depth + 1) : this.#encodeObject(value, depth + 1);
  }

  #encodeArray(items: readonly RegoValue[], depth: number): string {
    let text = "";
    const { length } = items;
    for (let index = 0; index < length; index++) {
      if (index > 0) text += this.#taken(",", 0);
      text += this.encode(items[index], depth);
    }
    return `[${text}]`;
  }

  #encodeObject(object: { readonly [key: string]: RegoValue }, depth: number): string {
    // A date, a map or a set would be an object without members.
    const tag = Object.prototype.toString.call(object).slice(8, -1);
    if (tag !== "Object") throw new RegoError("input", `the input holds a ${tag}, which is no JSON`);
    let text = "";
    for (const key of Object.keys(object)) {
      const value = object[key];
      // As in JSON.stringify: an optional field that is not set.
      if (value === undefined) continue;
      if (key === RESERVED_KEY) throw new RegoError("input", `the input holds the key ${RESERVED_KEY}`);
      if (text !== "") text += this.#taken(",", 0);
      text += this.#taken(`${JSON.stringify(key)}:`, 0);
      text += this.encode(value, depth);
    }
    return `{${text}}`;
  }

  /** Counts a text but for so many characters of it that were counted before it was made. */
  #taken(text: string, before: number): string {
    this.#take(text.length - before);
    return text;
  }

  #take(length: number): void {
    this.#length += length;
    if (this.#length > this.#maxLength) {
      throw new RegoError("input", `the input is longer than ${this.#maxLength} characters`);
    }
  }
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
