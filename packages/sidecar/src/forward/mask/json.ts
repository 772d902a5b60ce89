/**
 * An OTLP/JSON request with its text masked (OTLP specification, "JSON Protobuf Encoding"): what was found is
 * replaced where it stands, every other character stays. Fields that are not known are masked as any JSON is.
 */
import { type MaskerCore, OtlpDecodeError, REDACTED } from "@coresdk/pipeline/thread";
import { countJson } from "./count-json.ts";
import { holdsEvent, readItems, stringsOf } from "./json-parts.ts";
import { JsonReader } from "./json-reader.ts";
import { type FieldKind, MAX_DEPTH, type MessageFields, plainName } from "./messages.ts";
import { ValueCount, ValueLimit } from "./value-limit.ts";

const REDACTED_VALUE = `{"stringValue":"${REDACTED}"}`;
/** Under the key of a secret no value, `true` and `false` say that there is one, and not which: as in events. */
const NOTHING = /^(?:null|\{\}|\{\s*"bool_?value"\s*:\s*(?:true|false|null)\s*\})$/i;
const LONGEST_NOTHING = 64;
/** Ids, times and counts, written as text. */
const PLAIN = /^[-+.\dA-Fa-f]*$/;
const NUMBER = /^-?\d[\d.eE+-]{0,40}$/;
const ID = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i;

export class JsonMasking {
  readonly #core: MaskerCore;
  readonly #eventsOnly: boolean;
  readonly #limit: ValueLimit;

  constructor(core: MaskerCore, eventsOnly: boolean, limit: ValueLimit = new ValueLimit()) {
    this.#core = core;
    this.#eventsOnly = eventsOnly;
    this.#limit = limit;
  }

  /**
   * @returns the request masked; the same bytes when nothing was found
   * @throws OtlpDecodeError when it is no JSON object, or nested too deep
   * @throws OtlpTooLargeError when more is in it than is masked at once
   * @throws TooManyValuesError when the limit does not allow as many values as are in it
   */
  mask(request: Uint8Array, fields: MessageFields): Uint8Array {
    const text = Buffer.from(request.buffer, request.byteOffset, request.byteLength).toString("utf8");
    if (!this.#limit.isBounded) countJson(text, fields, this.#eventsOnly, new ValueCount());
    const walk = new JsonMaskWalk(text, this.#core, this.#eventsOnly, this.#limit);
    const masked = walk.run(fields);
    return masked === text ? request : Buffer.from(masked);
  }
}

class JsonMaskWalk {
  readonly #reader: JsonReader;
  readonly #text: string;
  readonly #core: MaskerCore;
  readonly #eventsOnly: boolean;
  readonly #limit: ValueLimit;
  #masked = "";
  #copied = 0;

  constructor(text: string, core: MaskerCore, eventsOnly: boolean, limit: ValueLimit = new ValueLimit()) {
    this.#text = text;
    this.#reader = new JsonReader(text);
    this.#core = core;
    this.#eventsOnly = eventsOnly;
    this.#limit = limit;
  }

  run(fields: MessageFields): string {
    const reader = this.#reader;
    if (reader.peek() !== "{") throw new OtlpDecodeError("the request is no JSON object");
    this.#message(fields);
    reader.finish();
    return this.#masked + this.#text.slice(this.#copied);
  }

  #replace(start: number, end: number, json: string): void {
    this.#masked += this.#text.slice(this.#copied, start) + json;
    this.#copied = end;
  }

  #message(fields: MessageFields): void {
    const reader = this.#reader;
    if (reader.peek() !== "{") {
      this.#unknown("");
      return;
    }
    if (this.#eventsOnly && fields.holdsRecords && !holdsEvent(reader, fields)) {
      reader.skip();
      return;
    }
    reader.members((name) => {
      const kind = fields.byName.get(plainName(name));
      if (kind === undefined) this.#unknown(name);
      else readItems(reader, () => this.#field(kind));
    });
  }

  #field(kind: FieldKind): void {
    this.#limit.count();
    switch (kind.kind) {
      case "text":
        this.#string((text) => this.#core.text(text));
        return;
      case "name":
        this.#string((text) => this.#core.key(text));
        return;
      case "keyValue":
        this.#keyValue("", 0);
        return;
      case "anyValue":
        this.#anyValue("", 0);
        return;
      case "message":
        this.#message(kind.message);
        return;
    }
  }

  #string(mask: (text: string) => string): void {
    const reader = this.#reader;
    if (reader.peek() !== '"') {
      this.#unknown("");
      return;
    }
    const { text, start, end } = reader.string();
    const masked = mask(text);
    if (masked !== text) this.#replace(start, end, JSON.stringify(masked));
  }

  #keyValue(parent: string, depth: number): void {
    this.#limit.count();
    const reader = this.#reader;
    if (reader.peek() !== "{") {
      this.#unknown("");
      return;
    }
    // The key decides about the value, which may stand in front of it.
    const keys = stringsOf(reader, "key");
    const key = keys.at(-1) ?? "";
    const treatments = (keys.length === 0 ? [""] : keys).map((one) => this.#core.treat(one, parent));
    reader.members((name) => {
      switch (plainName(name)) {
        case "key":
          this.#string((text) => this.#core.key(text));
          return;
        case "value":
          if (treatments.includes("redact")) {
            this.#redact();
            return;
          }
          if (treatments.every((treatment) => treatment === "keep")) {
            reader.skip();
            return;
          }
          this.#anyValue(key, depth, treatments.includes("id"));
          return;
        default:
          this.#unknown(name);
          return;
      }
    });
  }

  #redact(): void {
    const { start, end } = this.#reader.raw();
    const value = this.#text.slice(start, Math.min(end, start + LONGEST_NOTHING));
    if (!NOTHING.test(value) && value !== REDACTED_VALUE) this.#replace(start, end, REDACTED_VALUE);
  }

  #anyValue(key: string, depth: number, mayBeId = false): void {
    this.#limit.count();
    const reader = this.#reader;
    if (reader.peek() !== "{") {
      this.#unknown(key);
      return;
    }
    if (depth > MAX_DEPTH) {
      this.#core.fail();
      this.#redact();
      return;
    }
    if (this.#holdsNumber()) {
      this.#redact();
      return;
    }
    reader.members((name) => {
      switch (plainName(name)) {
        case "stringvalue":
          this.#string((text) => (mayBeId && ID.test(text) ? text : this.#core.text(text)));
          return;
        case "bytesvalue":
          this.#string((base64) => this.#maskBytes(base64));
          return;
        case "arrayvalue":
          this.#values(() => this.#anyValue(key, depth + 1));
          return;
        case "kvlistvalue":
          this.#values(() => this.#keyValue(key, depth + 1));
          return;
        default:
          this.#unknown(name);
          return;
      }
    });
  }

  /** `{"values": [...]}` */
  #values(read: () => void): void {
    const reader = this.#reader;
    if (reader.peek() !== "{") {
      this.#unknown("");
      return;
    }
    reader.members((name) => {
      if (plainName(name) === "values") readItems(reader, read);
      else this.#unknown(name);
    });
  }

  #maskBytes(base64: string): string {
    const bytes = Buffer.from(base64, "base64");
    const masked = this.#core.bytes(bytes);
    return masked === bytes ? base64 : Buffer.from(masked).toString("base64");
  }

  #isSensitive(number: number | string): boolean {
    return this.#core.findInNumber(number) !== undefined;
  }

  /** A number or text of digits, in `intValue` or `doubleValue`, that is a card's, or that the user looks for. */
  #holdsNumber(): boolean {
    const reader = this.#reader;
    const from = reader.at;
    let isSensitive = false;
    reader.members((name) => {
      const plain = plainName(name);
      if (plain !== "intvalue" && plain !== "doublevalue") {
        reader.skip();
        return;
      }
      const { start, end } = reader.raw();
      const written = this.#text.slice(start, end).replace(/^"(.*)"$/, "$1");
      if (plain === "doublevalue" && NUMBER.test(written)) isSensitive ||= this.#isSensitive(Number(written));
      if (NUMBER.test(written)) isSensitive ||= this.#isSensitive(written);
    });
    reader.at = from;
    return isSensitive;
  }

  /** What OTLP does not know, or expects in another form, is JSON like any other. */
  #unknown(name: string): void {
    this.#limit.count();
    const reader = this.#reader;
    if (this.#core.treat(name, "") === "redact") {
      const { start, end } = reader.raw();
      const value = this.#text.slice(start, Math.min(end, start + LONGEST_NOTHING));
      if (!/^(?:null|true|false)$/.test(value)) this.#replace(start, end, JSON.stringify(REDACTED));
      return;
    }
    switch (reader.peek()) {
      case '"':
        this.#string((text) => (PLAIN.test(text) ? text : this.#core.text(text)));
        return;
      case "[":
        reader.items(() => this.#unknown(""));
        return;
      case "{":
        reader.members((inner) => this.#unknown(inner));
        return;
      default:
        reader.skip();
        return;
    }
  }
}
