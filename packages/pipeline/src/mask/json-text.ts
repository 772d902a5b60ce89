/**
 * Texts that hold JSON (RFC 8259): keys and values are masked where they stand, and every other character stays.
 * The text is walked once, with a stack of its own.
 */
import { type FindingKind, REDACTED } from "./categories.ts";
import { JsonFindings, type Known } from "./json-findings.ts";
import {
  endOfScalar,
  endOfString,
  endOfValue,
  findJson,
  isAllOf,
  type JsonPiece,
  MAX_DEPTH,
  QUOTE,
  skipWhite,
} from "./json-grammar.ts";
import { Cutter, divide } from "./json-pieces.ts";
import { KeyLines } from "./key-lines.ts";
import type { Treatment } from "./key-rules.ts";
import { isListedName } from "./listed-names.ts";
import {
  DistinctKeys,
  isLoginKey,
  isNameKey,
  isPassKey,
  isValueKey,
  namesSecret,
  namesSecretOption,
  type Pair,
  pairOf,
  type SecretNames,
} from "./pairs.ts";
import { isPlaceKey, isRepeatedKey, placesSecret } from "./repeated.ts";
import { endWithValue } from "./rules/items.ts";
import { Spans } from "./spans.ts";

/** What the walk asks of the masker. */
export interface JsonMasking extends SecretNames {
  /** Private keys are looked for. */
  readonly seeksKeys: boolean;
  maskText(text: string): string;
  maskKey(key: string): string;
  /** The text is JSON, and was masked as such: whatever stays in it is meant to. */
  readsJson(text: string): boolean;
  /** What becomes of the value under a key, given the key of the map that holds the map. */
  treat(key: string, parent: string): Treatment;
  /** Told when a value or a key goes whole. */
  onWhole(kind: FindingKind): void;
  isTraceId(text: string): boolean;
  /** Told the number as it is written. */
  isSensitiveNumber(written: string): boolean;
}

/** Of a longer one so much is looked at. */
const LONGEST_NUMBER = 128;
const NUMBER = /^-?\d/;
const NOTHING = /^(?:null|[tT]rue|[fF]alse|None|undefined|NaN)$/;
/** What keys become. */
const MASKED_KEY = /^\[REDACTED\](?:\.\d{1,9})?$/;

/**
 * The text with the JSON in it masked in its place, and the rest as the findings say; `undefined` when there is none.
 *
 * @param found what is known to be in the text: none of it stays
 */
export function maskJson(text: string, masking: JsonMasking, found: Spans): string | undefined {
  const all = findJson(text);
  if (all.length === 0) return undefined;
  if (isAllOf(text, all)) return new JsonWalk(text, masking, new JsonFindings(found)).run(all, new Spans());
  const { pieces, within, beside } = divide(found, all);
  return new JsonWalk(text, masking, new JsonFindings(within)).run(pieces, beside);
}

/** A string as it reads, and where it stands with its quotes. */
interface JsonString {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly isEscaped: boolean;
}

interface Container {
  readonly isMap: boolean;
  /** The key of this container in the one around it. */
  readonly key: string;
  /** One of its values named a secret: what stands under `value` is one. */
  pair: Pair;
  /** Another says which member it is about, and that is a secret: what it repeats is one. */
  repeats: boolean;
  /** The last text of a list. */
  last: string;
  /** It has the key of who logs in. */
  isLogin: boolean;
  /** Its keys that became others; made with the first of them. */
  distinct: DistinctKeys | undefined;
  /** Its keys that have a mark in them as they are. */
  readonly marks: Set<string>;
  /** How many values of a list there were, and whether the last of them names the next: names and values take turns. */
  count: number;
  isNamed: boolean;
  /** That name is an option of a command. */
  isOption: boolean;
  /** Of a list, where private keys are looked for. */
  readonly lines: KeyLines | undefined;
}

/** How far ahead the values of a list are counted; a longer one may be of names and values. */
const MAX_AHEAD = 1_024;
const VALUE_AHEAD = /^\s{0,16},\s{0,16}"[^-]/;
const LONGEST_AHEAD = 36;

class JsonWalk {
  readonly #text: string;
  readonly #masking: JsonMasking;
  readonly #found: JsonFindings;
  readonly #open: Container[] = [];
  #at = 0;
  #masked = "";
  #copied = 0;
  /** The key of the value that comes next; a list's values have the list's own. */
  #key = "";

  constructor(text: string, masking: JsonMasking, found: JsonFindings) {
    this.#text = text;
    this.#masking = masking;
    this.#found = found;
  }

  /** `beside` is what was found between the pieces. */
  run(pieces: readonly JsonPiece[], beside: Spans): string | undefined {
    const text = this.#text;
    const between = new Cutter(text, beside);
    for (const { start } of pieces) {
      this.#masked += text.slice(this.#copied, this.#at) + between.upTo(start);
      this.#copied = start;
      this.#at = start;
      this.#key = "";
      if (!this.#value()) return undefined;
      while (this.#open.length > 0) {
        if (!this.#next()) return undefined;
      }
      between.passTo(this.#at);
    }
    const masked = this.#masked + text.slice(this.#copied, this.#at) + between.upTo(text.length);
    for (const kind of beside.outerKinds()) this.#masking.onWhole(kind);
    return masked;
  }

  #skip(): void {
    this.#at = skipWhite(this.#text, this.#at);
  }

  /** What follows a value or an opening bracket within the innermost container. */
  #next(): boolean {
    const container = this.#open.at(-1);
    if (container === undefined) return false;
    this.#skip();
    let code = this.#text.charCodeAt(this.#at);
    if (code === (container.isMap ? 125 : 93)) {
      this.#at++;
      this.#open.pop();
      const around = this.#open.at(-1);
      if (!container.isMap && around?.isMap === true) this.#place(around, container.key, container.last);
      return true;
    }
    if (code === 44) {
      this.#at++;
      this.#skip();
      code = this.#text.charCodeAt(this.#at);
    }
    if (!container.isMap) {
      this.#key = container.key;
      return this.#value();
    }
    if (code !== QUOTE) return false;
    const key = this.#string();
    if (key === undefined) return false;
    this.#skip();
    if (this.#text.charCodeAt(this.#at) !== 58) return false;
    this.#at++;
    this.#key = key.text;
    container.isLogin ||= isLoginKey(key.text);
    const name = this.#nameOf(container, key);
    if (name !== key.text) this.#replace(key.start, key.end, name);
    return this.#value();
  }

  /** The key masked, and kept apart from others of its map: what became the same, and marks that were there before. */
  #nameOf(container: Container, { text: key, start, end }: JsonString): string {
    const own = this.#masking.maskKey(key);
    const stays = MASKED_KEY.test(key) || this.#masking.treat(key, "") === "keep";
    const masked = stays ? own : this.#orWhole(own, start, end, own === key ? "names" : "all");
    if (masked === key) {
      // Only a mark can be what another key becomes.
      if (!key.includes(REDACTED)) return key;
      if (container.distinct?.isGiven(key) === true) return container.distinct.take(key);
      container.marks.add(key);
      return key;
    }
    container.distinct ??= new DistinctKeys(container.marks);
    return container.distinct.take(masked);
  }

  #value(): boolean {
    this.#skip();
    const start = this.#at;
    const key = this.#key;
    const container = this.#open.at(-1);
    const treatment = container?.isMap === true ? this.#treat(key, container) : "search";
    if (treatment === "redact" || treatment === "keep") {
      const end = endOfValue(this.#text, start);
      if (end < 0) return false;
      this.#at = end;
      this.#found.pass(start, end);
      if (treatment === "redact" && !this.#holdsNothing(start, end)) {
        this.#masking.onWhole("blocked_keys");
        this.#replace(start, end, REDACTED);
      }
      return true;
    }
    const isNamed = container?.isNamed === true;
    if (container !== undefined) {
      container.count++;
      container.isNamed = false;
    }
    const code = this.#text.charCodeAt(start);
    if (code === 123 || code === 91) {
      if (this.#open.length >= MAX_DEPTH) return false;
      this.#open.push({
        isMap: code === 123,
        key,
        pair: "none",
        repeats: false,
        last: "",
        isLogin: false,
        distinct: undefined,
        marks: new Set(),
        count: 0,
        isNamed: false,
        isOption: false,
        lines: code === 91 && this.#masking.seeksKeys ? new KeyLines() : undefined,
      });
      this.#at++;
      return true;
    }
    if (code === QUOTE) {
      const value = this.#string();
      if (value === undefined) return false;
      if (treatment === "id" && this.#masking.isTraceId(value.text)) {
        this.#found.pass(value.start, value.end);
        return true;
      }
      if (container?.isMap === true) this.#place(container, key, value.text);
      else if (container !== undefined) container.last = value.text;
      if (container?.isMap === true && isNameKey(key)) container.pair = pairOf(this.#masking, value.text);
      const names = container?.isMap === false && namesSecret(this.#masking, value.text);
      const isLine = container?.lines?.takes(value.text) === true;
      const isOther = names || (container?.isOption === false && isListedName(container.key, value.text));
      if ((isLine || (isNamed && !isOther)) && value.text !== REDACTED) {
        this.#masking.onWhole("blocked_keys");
        this.#found.pass(value.start, value.end);
        this.#replace(value.start, value.end, REDACTED);
        return true;
      }
      if (names) {
        container.isOption = namesSecretOption(this.#masking, value.text);
        container.isNamed = container.isOption
          ? this.#isValueAhead()
          : container.count % 2 === 1 && this.#isPaired(container.count);
      }
      const text = this.#masking.maskText(value.text);
      const own = container?.isMap === false ? endWithValue(this.#masking, text) : text;
      const known =
        own !== value.text || this.#masking.readsJson(value.text)
          ? "all"
          : value.isEscaped
            ? "names"
            : "nothing";
      const masked = value.text === REDACTED ? own : this.#orWhole(own, value.start, value.end, known);
      if (masked !== value.text) this.#replace(value.start, value.end, masked);
      return true;
    }
    return this.#scalar(start);
  }

  /** True when a string follows in the list that is no option itself. */
  #isValueAhead(): boolean {
    return VALUE_AHEAD.test(this.#text.slice(this.#at, this.#at + LONGEST_AHEAD));
  }

  /** True when the list, of which there were so many values, may have an even number of them. */
  #isPaired(before: number): boolean {
    const ahead = this.#text.slice(this.#at, this.#at + MAX_AHEAD);
    let count = before;
    for (let at = skipWhite(ahead, 0); ahead.charCodeAt(at) !== 93; at = skipWhite(ahead, at)) {
      if (ahead.charCodeAt(at) === 44) at = skipWhite(ahead, at + 1);
      at = endOfValue(ahead, at);
      // It goes on beyond what is looked at.
      if (at < 0) return true;
      count++;
    }
    return count % 2 === 0;
  }

  #treat(key: string, container: Container): Treatment {
    const treatment = this.#masking.treat(key, container.key);
    if (treatment !== "search") return treatment;
    const isText = this.#text.charCodeAt(this.#at) === QUOTE;
    const isPass = container.isLogin && isPassKey(key) && isText;
    const isPaired = container.pair === "any" || (container.pair === "text" && isText);
    const isSecret =
      (isPaired && isValueKey(key)) ||
      (container.repeats && isText && isRepeatedKey(key)) ||
      (isPass && this.#masking.isSecretName("password"));
    return isSecret ? "redact" : treatment;
  }

  /** Notes that a map says which member it is about. */
  #place(container: Container, key: string, place: string): void {
    if (isPlaceKey(key)) container.repeats = placesSecret(this.#masking, key, place);
  }

  /** A number, `true`, `false`, `null` and the like. */
  #scalar(start: number): boolean {
    const end = endOfScalar(this.#text, start);
    if (end === start) return false;
    this.#at = end;
    const written = this.#text.slice(start, Math.min(end, start + LONGEST_NUMBER));
    const isSensitive = NUMBER.test(written) && this.#masking.isSensitiveNumber(written);
    if (isSensitive || this.#orWhole("", start, end, "nothing") !== "") this.#replace(start, end, REDACTED);
    return true;
  }

  /** What the reading made of the part of the text; the mark where something is in it that the reading did not find. */
  #orWhole(own: string, start: number, end: number, known: Known): string {
    const kind = this.#found.kindAt(start, end, known);
    if (kind === undefined) return own;
    this.#masking.onWhole(kind);
    return REDACTED;
  }

  /** The string at the place reached, unescaped; `undefined` when it is none. */
  #string(): JsonString | undefined {
    const start = this.#at;
    const end = endOfString(this.#text, start);
    if (end < 0) return undefined;
    this.#at = end;
    const token = this.#text.slice(start, end);
    if (!token.includes("\\")) return { text: token.slice(1, -1), start, end, isEscaped: false };
    try {
      return { text: String(JSON.parse(token.replaceAll("\t", "\\t"))), start, end, isEscaped: true };
    } catch {
      return undefined;
    }
  }

  #replace(start: number, end: number, masked: string): void {
    this.#masked += this.#text.slice(this.#copied, start) + JSON.stringify(masked);
    this.#copied = end;
  }

  /** `true`, `false`, `null` and the like are no secret, and what was masked is none any more. */
  #holdsNothing(start: number, end: number): boolean {
    const value = this.#text.slice(start, Math.min(end, start + REDACTED.length + 2));
    return NOTHING.test(value) || value === `"${REDACTED}"`;
  }
}
