import { types } from "node:util";
import { type AnyValue, KeyValues } from "@coresdk/pipeline";

/**
 * Copies values out of the application's objects into the pipeline's neutral form. The application may change
 * its objects after the call, and the SDK checks neither bodies nor depth: so everything is copied, and what
 * is too deep, cyclic, unreadable or no data is replaced by a text in brackets that says so.
 */

/** Nesting below an attribute or a body; OTLP decoders stop at about this depth. */
const MAX_DEPTH = 32;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
/** Writing out the digits of a larger integer costs more than they are worth. */
const MAX_INTEGER = 2n ** 4096n;
/** What a number or a boolean counts for, in bytes. */
export const SCALAR_SIZE = 8;

/** How much a copy may hold. */
export interface Allowance {
  /** Text and bytes, in UTF-16 units or bytes. */
  readonly size: number;
  /** Values inside the value, all levels together. */
  readonly values: number;
}

/** The text that stands for a value that is not copied. */
export function markerOf(why: string): string {
  return `[${why}]`;
}

/** The copy of one value of any shape. With a `fault` it stopped half-way, and `value` is of no use. */
export class ValueCopy {
  readonly #allowance: Allowance;
  readonly #ancestors = new Set<object>();
  /** Text and bytes that were copied: an estimate of the copy's size. */
  size = 0;
  /** Values looked at, the outermost one among them. */
  values = 0;
  /** Values inside that were replaced: too deep, cyclic, unreadable or no data. */
  replaced = 0;
  /** What the value went beyond. */
  fault: string | undefined;
  readonly value: AnyValue;

  /** @param depth of the value in its record, from 1 */
  constructor(value: unknown, allowance: Allowance, depth = 1) {
    this.#allowance = allowance;
    this.value = this.#copy(value, depth);
  }

  #copy(value: unknown, depth: number): AnyValue {
    if (this.values > this.#allowance.values) return this.#exceedValues();
    this.values++;
    switch (typeof value) {
      case "string":
        return this.#copyText(value);
      case "number":
      case "boolean":
        this.#fits(SCALAR_SIZE);
        return value;
      case "bigint":
        return this.#copyInteger(value);
      case "object":
        return value === null ? null : this.#copyObject(value, depth);
      case "undefined":
        return null;
      default:
        return this.#replace(typeof value);
    }
  }

  #copyInteger(value: bigint): AnyValue {
    if (value > MAX_INTEGER || value < -MAX_INTEGER) return this.#replace("larger than an integer may be");
    const number = Number(value);
    // Beyond 64 bits it is no OTLP integer; the digits are what can be kept.
    if (value < INT64_MIN || value > INT64_MAX) return this.#copyText(String(value));
    this.#fits(SCALAR_SIZE);
    return Number.isSafeInteger(number) ? number : value;
  }

  #copyObject(value: object, depth: number): AnyValue {
    if (depth > MAX_DEPTH) return this.#replace(`nested deeper than ${MAX_DEPTH}`);
    if (this.#ancestors.has(value)) return this.#replace("circular");
    this.#ancestors.add(value);
    try {
      return this.#copyKind(value, depth);
    } catch {
      // A proxy or a getter of the application's threw.
      return this.#replace("unreadable");
    } finally {
      this.#ancestors.delete(value);
    }
  }

  #copyKind(value: object, depth: number): AnyValue {
    if (ArrayBuffer.isView(value)) return this.#copyBytes(value.buffer, value.byteOffset, value.byteLength);
    if (types.isAnyArrayBuffer(value)) return this.#copyBytes(value, 0, value.byteLength);
    if (Array.isArray(value)) return this.#copyItems(value, value.length, depth);
    if (types.isSet(value)) return this.#copyItems(value, value.size, depth);
    if (types.isMap(value)) return this.#copyMap(value, depth);
    if (types.isBoxedPrimitive(value)) return this.#copy(value.valueOf(), depth + 1);
    if (types.isDate(value)) return this.#copyDate(value);
    if (value instanceof Error) return this.#copyEntries(describeError(value), depth);
    if (value instanceof URL) return this.#copy(value.href, depth + 1);
    return this.#copyEntries(value, depth);
  }

  /** A class of the application's may have methods of its own, which give whatever they like. */
  #copyDate(date: Date): AnyValue {
    const time = new Date(Date.prototype.getTime.call(date));
    return this.#copyText(Number.isNaN(time.getTime()) ? String(time) : time.toISOString());
  }

  #copyText(text: string): string {
    return this.#fits(text.length) ? text : "";
  }

  #copyBytes(buffer: ArrayBufferLike, offset: number, length: number): AnyValue {
    if (!Number.isSafeInteger(length)) return this.#replace("unreadable");
    return this.#fits(length) ? new Uint8Array(buffer, offset, length).slice() : null;
  }

  #copyItems(items: Iterable<unknown>, count: number, depth: number): AnyValue {
    if (this.values + count - 1 > this.#allowance.values) return this.#exceedValues();
    const copy: AnyValue[] = [];
    for (const item of items) {
      copy.push(this.#copy(item, depth + 1));
      if (this.fault !== undefined) break;
    }
    return copy;
  }

  #copyMap(map: ReadonlyMap<unknown, unknown>, depth: number): AnyValue {
    if (this.values + map.size - 1 > this.#allowance.values) return this.#exceedValues();
    // Not its own iterator, which a class of the application's may have made endless.
    const entries = [...Map.prototype.entries.call(map)].map(([key, value]) => [String(key), value] as const);
    return this.#copyEntries(Object.fromEntries(entries), depth);
  }

  #copyEntries(object: object, depth: number): AnyValue {
    const keys = Object.keys(object);
    if (keys.length === 0 || (keys.length === 1 && keys[0] === "toJSON")) {
      // What it holds is private, and this is how it says what that is.
      const toJson: unknown = Reflect.get(object, "toJSON");
      if (typeof toJson === "function") return this.#copy(Reflect.apply(toJson, object, [""]), depth + 1);
    }
    if (keys.length === 0) {
      const kind = kindOf(object);
      if (kind !== "object") return this.#replace(kind);
    }
    const copy = new KeyValues();
    for (const key of keys) {
      const value = this.#read(object, key);
      if (value === undefined) {
        // It is left out, but it was looked at: what is shared many times over may hold many of them.
        if (this.values > this.#allowance.values) return this.#exceedValues();
        this.values++;
        continue;
      }
      copy.add(this.#copyText(key), this.#copy(value, depth + 1));
      if (this.fault !== undefined) break;
    }
    return copy;
  }

  #read(object: object, key: string): unknown {
    try {
      return Reflect.get(object, key);
    } catch {
      return this.#replace("unreadable");
    }
  }

  #fits(size: number): boolean {
    this.size += size;
    if (this.size > this.#allowance.size) this.fault ??= "larger than the record's limit";
    return this.fault === undefined;
  }

  #exceedValues(): null {
    this.fault ??= "more values than a record may hold";
    return null;
  }

  #replace(why: string): string {
    this.replaced++;
    return markerOf(why);
  }
}

function describeError(error: Error): object {
  return {
    name: error.name,
    message: error.message,
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  };
}

/** What an object without properties is: `object`, or a kind whose content is hidden, such as `promise`. */
function kindOf(object: object): string {
  const [, tag = "Object"] = /^\[object (\w{1,64})\]$/.exec(Object.prototype.toString.call(object)) ?? [];
  return tag.toLowerCase();
}
