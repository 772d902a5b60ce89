import { type AnyValue, isEnvelopeName, KeyValues } from "@coresdk/pipeline";
import { type Allowance, markerOf, SCALAR_SIZE, ValueCopy } from "./any-value.ts";

/** Attributes of one record; the SDK's own limit is 128 unless it is changed. */
const MAX_ATTRIBUTES = 1_024;
/** Names and texts up to these lengths are kept whatever else the record holds: all together, 768 KiB at most. */
const SMALL_NAME = 256;
const SMALL_TEXT = 512;
/** Text and bytes in one record, in UTF-16 units or bytes: the usual limit of a broker's message is 1 MiB. */
const MAX_SIZE = 1_048_576;
/** Values inside the lists and maps of one record, all levels together. */
const MAX_VALUES = 20_000;
/** A value that did not fit is looked at again when there is more room: this often, all values together. */
const MAX_LOOKS: number = 4 * MAX_VALUES;

const SCALARS: Allowance = { size: SMALL_TEXT, values: 0 };

/** A value that is not small: it has to share the record's room with others. */
interface Large {
  readonly name: string;
  readonly raw: unknown;
  readonly depth: number;
  readonly settle: (value: AnyValue) => void;
}

/**
 * Copies what belongs to one record within the record's limits, which hold for all its values together. A
 * value that goes beyond them is replaced whole; the others stay as they are. Small values never have to give
 * way; large ones, the body among them, share the room evenly, and what the smaller ones leave goes to the
 * larger. Attributes and body come first, other texts of the record after them.
 */
export class RecordCopy {
  #size = 0;
  #values = 0;
  #looks = 0;
  #replaced = 0;
  #dropped = 0;

  /** An estimate of the copy's size, in bytes. */
  get size(): number {
    return this.#size;
  }

  /** How many values were replaced, and attributes left out. */
  get replaced(): number {
    return this.#replaced + this.#dropped;
  }

  /** Attributes left out: there were too many, or there was no room for a name beyond all measure. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Copies the own enumerable properties of an attribute object, in order; `undefined` values are no attributes.
   *
   * @param without the name of one that is left out
   */
  copyAttributes(attributes: object, without?: string): KeyValues {
    return this.copyValues(attributes, undefined, without).attributes;
  }

  /** Copies attributes and body; a body that is `undefined` or `null` is none. */
  copyValues(
    attributes: object,
    body: unknown,
    without?: string,
  ): { readonly attributes: KeyValues; readonly body: AnyValue | undefined } {
    const names: string[] = [];
    const values: (AnyValue | undefined)[] = [];
    const large: Large[] = [];
    const place = (name: string, raw: unknown, depth: number): void => {
      if (this.#takesScalar(name, raw)) {
        values.push(raw);
        return;
      }
      const at = values.push(undefined) - 1;
      const settle = (value: AnyValue): void => {
        values[at] = value;
      };
      const one = { name, raw, depth, settle };
      if (name.length > SMALL_NAME || !isSmall(raw) || !this.#accept(one, SCALARS)) large.push(one);
    };
    const keys = this.#keysOf(attributes, without);
    const count = Math.min(keys.length, MAX_ATTRIBUTES);
    for (let i = 0; i < count; i++) {
      const name = keys[i] ?? "";
      names.push(name);
      const raw = this.#read(attributes, name);
      if (raw === undefined) values.push(undefined);
      else place(name, raw, 2);
    }
    this.#dropped += keys.length - count;
    if (body !== undefined && body !== null) place("", body, 1);
    if (large.length > 0) this.#share(large);
    return { attributes: gather(names, values), body: values[names.length] };
  }

  /** A text beside attributes and body, or the text that says it was too large. */
  copyText(text: string): string {
    return this.#takes(text) ? text : this.#mark("larger than the record's limit");
  }

  /** A text that becomes part of the envelope: `""` when it was too large. */
  copyName(text: string): string {
    if (this.#takes(text)) return text;
    this.#replaced++;
    return "";
  }

  /** Most values are scalars and small: they take their room at once. */
  #takesScalar(name: string, raw: unknown): raw is string | number | boolean | null {
    if (name.length > SMALL_NAME) return false;
    if (typeof raw === "string") {
      if (raw.length > SMALL_TEXT) return false;
      this.#size += name.length + raw.length;
      return true;
    }
    if (raw !== null && typeof raw !== "number" && typeof raw !== "boolean") return false;
    this.#size += name.length + SCALAR_SIZE;
    return true;
  }

  #takes(text: string): boolean {
    if (text.length > SMALL_TEXT && text.length > this.#left.size) return false;
    this.#size += text.length;
    return true;
  }

  get #left(): Allowance {
    return { size: Math.max(0, MAX_SIZE - this.#size), values: MAX_VALUES - this.#values };
  }

  /** In rounds: as long as some fit into an even share of what is left, the others may share the rest. */
  #share(all: readonly Large[]): void {
    let waiting = all;
    let before = Number.POSITIVE_INFINITY;
    while (waiting.length > 0 && waiting.length < before) {
      before = waiting.length;
      const share = divide(this.#left, waiting.length);
      waiting = waiting.filter((one) => !this.#accept(one, share));
    }
    for (const one of waiting) this.#acceptOrReplace(one);
  }

  #accept(one: Large, { size, values }: Allowance): boolean {
    return this.#attempt(one, { size, values }) === undefined;
  }

  #acceptOrReplace(one: Large): void {
    const fault = this.#attempt(one, this.#left);
    if (fault === undefined) return;
    if (one.name.length > SMALL_NAME && one.name.length > this.#left.size) {
      this.#dropped++;
      return;
    }
    this.#size += one.name.length;
    const marker = this.#mark(fault);
    one.settle(isEnvelopeName(one.name) ? null : marker);
  }

  /** Copies one value when it fits; returns why it does not. */
  #attempt({ name, raw, depth, settle }: Large, { size, values }: Allowance): string | undefined {
    if (this.#looks > MAX_LOOKS) return "more values than a record may hold";
    const nameSize = name.length > SMALL_NAME ? name.length : 0;
    const copy = new ValueCopy(raw, { size: size - nameSize, values }, depth);
    this.#looks += copy.values;
    if (copy.fault !== undefined) return copy.fault;
    this.#size += copy.size + name.length;
    this.#values += copy.values - 1;
    this.#replaced += copy.replaced;
    // The value itself was no data: what says so is no tenant, id or type either.
    const isMarker = copy.replaced > 0 && typeof copy.value === "string";
    settle(isMarker && isEnvelopeName(name) ? null : copy.value);
    return undefined;
  }

  #keysOf(attributes: object, without: string | undefined): readonly string[] {
    try {
      const keys = Object.keys(attributes);
      return without !== undefined && keys.includes(without) ? keys.filter((key) => key !== without) : keys;
    } catch {
      // A proxy of the application's threw: there is not even a name to keep.
      this.#replaced++;
      return [];
    }
  }

  #read(object: object, key: string): unknown {
    try {
      return Reflect.get(object, key);
    } catch {
      const marker = this.#mark("unreadable");
      return isEnvelopeName(key) ? null : marker;
    }
  }

  #mark(why: string): string {
    this.#replaced++;
    return markerOf(why);
  }
}

/** True for what needs no room but may need a copy of another shape: integers, functions and symbols. */
function isSmall(raw: unknown): boolean {
  return typeof raw !== "string" && typeof raw !== "object";
}

function divide({ size, values }: Allowance, parts: number): Allowance {
  return { size: Math.floor(size / parts), values: Math.floor(values / parts) };
}

/** The attributes that have a value, in their order. */
function gather(names: readonly string[], values: readonly (AnyValue | undefined)[]): KeyValues {
  const attributes = new KeyValues();
  for (let i = 0; i < names.length; i++) {
    const value = values[i];
    if (value !== undefined) attributes.add(names[i] ?? "", value);
  }
  return attributes;
}
