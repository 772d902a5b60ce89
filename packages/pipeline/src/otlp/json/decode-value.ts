/** AnyValue and KeyValue in OTLP/JSON. */
import { type AnyValue, IntegralDouble, KeyValues } from "../../log-event.ts";
import type { DecodeLimits } from "../limits.ts";
import { type FieldReader, type JsonObject, toText } from "./fields.ts";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** What a value comes to besides its text. */
const VALUE_BYTES = 16;

/** Decodes the values of one request; counts what it makes. */
export class JsonValueDecoder {
  readonly fields: FieldReader;
  readonly #limits: DecodeLimits;
  #left: number;
  #characters = 0;

  constructor(fields: FieldReader, limits: DecodeLimits) {
    this.fields = fields;
    this.#limits = limits;
    this.#left = limits.maxValues;
  }

  /** Values made so far. */
  get count(): number {
    return this.#limits.maxValues - this.#left;
  }

  /** What the values made so far come to, about. */
  get bytes(): number {
    return this.#characters + this.count * VALUE_BYTES;
  }

  /** A text, counted. */
  text(text: string): string {
    this.#characters += text.length;
    return text;
  }

  /** The KeyValues in an array field. */
  keyValues(object: JsonObject, name: string, depth: number): KeyValues {
    const { fields } = this;
    const into = new KeyValues();
    fields.each(object, name, (item) => {
      const entry = fields.object(item);
      into.add(
        this.text(fields.string(entry, "key")),
        fields.at("value", () => this.value(fields.field(entry, "value"), depth)),
      );
    });
    return into;
  }

  /** An AnyValue; `undefined` and one without a member are both `null`. */
  value(json: unknown, depth: number): AnyValue {
    this.#left -= 1;
    if (this.#left < 0) {
      throw this.fields.excess(`more than ${this.#limits.maxValues} values in one request`);
    }
    if (json === undefined || json === null) return null;
    const object = this.fields.object(json);
    let value: AnyValue = null;
    let members = 0;
    for (const name of Object.keys(object)) {
      const member = object[name];
      const read = MEMBERS.get(name);
      if (read === undefined || member === undefined || member === null) continue;
      members += 1;
      value = this.fields.at(name, () => read(this, member, depth));
    }
    if (members > 1) throw this.fields.fault("one value, not several");
    return value;
  }

  list(json: unknown, depth: number): readonly AnyValue[] {
    this.#checkDepth(depth);
    const items: AnyValue[] = [];
    this.fields.each(this.fields.object(json), "values", (item) => {
      if (item === null) throw this.fields.fault("an object");
      items.push(this.value(item, depth));
    });
    return items;
  }

  map(json: unknown, depth: number): KeyValues {
    this.#checkDepth(depth);
    return this.keyValues(this.fields.object(json), "values", depth);
  }

  #checkDepth(depth: number): void {
    if (depth <= this.#limits.maxDepth) return;
    throw this.fields.fault(`values nested at most ${this.#limits.maxDepth} levels deep`);
  }
}

type ReadMember = (decoder: JsonValueDecoder, json: unknown, depth: number) => AnyValue;

const readString: ReadMember = (decoder, json) => {
  if (typeof json === "string") return decoder.text(toText(json));
  throw decoder.fields.fault("a string");
};
const readBool: ReadMember = ({ fields }, json) => {
  if (typeof json === "boolean") return json;
  throw fields.fault("a boolean");
};
const readInt: ReadMember = ({ fields }, json) => fields.toInteger(json, INT64_MIN, INT64_MAX);
const readDouble: ReadMember = ({ fields }, json) => {
  const double = fields.toDouble(json);
  return Number.isInteger(double) ? new IntegralDouble(double) : double;
};
const readList: ReadMember = (decoder, json, depth) => decoder.list(json, depth + 1);
const readMap: ReadMember = (decoder, json, depth) => decoder.map(json, depth + 1);
const readBytes: ReadMember = ({ fields }, json) => fields.toBytes(json);

const MEMBERS: ReadonlyMap<string, ReadMember> = new Map([
  ["stringValue", readString],
  ["boolValue", readBool],
  ["intValue", readInt],
  ["doubleValue", readDouble],
  ["arrayValue", readList],
  ["kvlistValue", readMap],
  ["bytesValue", readBytes],
]);
