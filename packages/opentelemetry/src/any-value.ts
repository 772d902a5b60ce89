import { type AnyValue, KeyValues } from "@coresdk/pipeline";

/**
 * Copies values out of the application's objects into the pipeline's neutral form. The application may change
 * its objects after the call, and the SDK checks neither bodies nor depth: so everything is copied, and what
 * is too deep, too large, cyclic or unreadable is replaced by a text in brackets that says so.
 */

/** Nesting below an attribute or a body; OTLP decoders stop at about this depth. */
const MAX_DEPTH = 32;
/** Values in one record, all levels together. */
const MAX_VALUES = 20_000;
/** Text and bytes in one record, in UTF-16 units or bytes: the usual limit of a broker's message is 1 MiB. */
const MAX_SIZE = 1_048_576;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Copies what belongs to one record; its limits hold for all of the record's values together. */
export class ValueCopier {
  #size = 0;
  #values = 0;
  #replaced = 0;
  readonly #ancestors = new Set<object>();

  /** How much text and how many bytes were copied so far; an estimate of the record's size. */
  get size(): number {
    return this.#size;
  }

  /** How many values were replaced because they were too deep, too large, cyclic or unreadable. */
  get replaced(): number {
    return this.#replaced;
  }

  /** Copies the own enumerable properties of an attribute object, in order; `undefined` values are no attributes. */
  copyAttributes(attributes: object): KeyValues {
    return this.#copyEntries(attributes, 1);
  }

  /** Copies one value of any shape. */
  copy(value: unknown): AnyValue {
    return this.#copy(value, 1);
  }

  /** A text within the record's limit, or the text that says it was larger. */
  copyText(text: string): string {
    return this.#fits(text.length) ? text : this.#replace("larger than the record's limit");
  }

  #copy(value: unknown, depth: number): AnyValue {
    this.#values++;
    if (this.#values > MAX_VALUES) return this.#replace("more values than a record may hold");
    switch (typeof value) {
      case "string":
        return this.copyText(value);
      case "number":
      case "boolean":
        this.#size += 8;
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
    this.#size += 8;
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    // Beyond 64 bits it is no OTLP integer; the digits are what can be kept.
    return value >= INT64_MIN && value <= INT64_MAX ? value : this.copyText(String(value));
  }

  #copyObject(value: object, depth: number): AnyValue {
    if (depth > MAX_DEPTH) return this.#replace(`nested deeper than ${MAX_DEPTH}`);
    if (this.#ancestors.has(value)) return this.#replace("circular");
    this.#ancestors.add(value);
    try {
      if (ArrayBuffer.isView(value)) return this.#copyBytes(value);
      if (Array.isArray(value)) return this.#copyArray(value, depth);
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
      if (value instanceof Error) return this.#copyEntries(describeError(value), depth);
      return this.#copyEntries(value instanceof Map ? Object.fromEntries(value) : value, depth);
    } catch {
      // A proxy or a getter of the application's threw.
      return this.#replace("unreadable");
    } finally {
      this.#ancestors.delete(value);
    }
  }

  #copyBytes(view: ArrayBufferView): AnyValue {
    if (!this.#fits(view.byteLength)) return this.#replace("larger than the record's limit");
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  }

  #copyArray(array: readonly unknown[], depth: number): AnyValue {
    const copy: AnyValue[] = [];
    for (const item of array) {
      copy.push(this.#copy(item, depth + 1));
      if (this.#values > MAX_VALUES) break;
    }
    return copy;
  }

  #copyEntries(object: object, depth: number): KeyValues {
    const copy = new KeyValues();
    for (const key of Object.keys(object)) {
      const value = this.#read(object, key);
      if (value === undefined) {
        // No attribute, but it was looked at: what is shared many times over may hold many of them.
        this.#values++;
        if (this.#values > MAX_VALUES) break;
        continue;
      }
      copy.add(this.copyText(key), this.#copy(value, depth + 1));
      if (this.#values > MAX_VALUES) break;
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
    if (this.#size + size > MAX_SIZE) return false;
    this.#size += size;
    return true;
  }

  #replace(why: string): string {
    this.#replaced++;
    return `[${why}]`;
  }
}

function describeError(error: Error): object {
  return {
    name: error.name,
    message: error.message,
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  };
}
