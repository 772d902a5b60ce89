/** Values of JavaScript, masked and searched: objects, lists, maps, bytes, events. Nothing of the caller's is changed. */
import { countDown } from "../depth.ts";
import { KeyValues } from "../log-event.ts";
import { Allowance } from "./allowance.ts";
import { holdsNothing, maskUnder } from "./any-value.ts";
import { type FindingKind, REDACTED } from "./categories.ts";
import { KeyLines } from "./key-lines.ts";
import { isTraceId, type Treatment } from "./key-rules.ts";
import type { MaskerCore } from "./masker-core.ts";
import { DistinctKeys, followsSecretName, holdsLogin, isPassKey } from "./pairs.ts";
import { secretMembers } from "./repeated.ts";
import { endWithValue } from "./rules/items.ts";

/** Lists and objects within each other; beyond it a value goes whole, as one that contains itself does. */
const MAX_DEPTH = 64;
/** Characters of a finding's place. */
const MAX_PATH = 256;

/** Something personal or secret, by its place and kind: what it is stays unsaid. */
export interface Finding {
  /** Where it stands: `data.customer.email`, `headers[2]`; `""` for a text of its own. Masked itself. */
  readonly path: string;
  readonly kind: FindingKind;
}

/** The value with what is personal or secret in it replaced: the same one when nothing was found. Never throws. */
export function maskPlain(core: MaskerCore, value: unknown, key: string): unknown {
  return new PlainWalk(core, undefined).outermost(value, key);
}

/** What {@link maskPlain} would replace. */
export function findPlain(core: MaskerCore, value: unknown): readonly Finding[] {
  const findings: Finding[] = [];
  new PlainWalk(core, findings).value(value, "", "", 0);
  return findings;
}

/** Objects of the platform that hold names and values, by the name that they give themselves. */
const ENTRY_HOLDERS: ReadonlySet<string> = new Set(
  ["URLSearchParams", "Headers", "FormData"].map((name) => `[object ${name}]`),
);
const OPAQUE: ReadonlySet<string> = new Set(
  ["Blob", "File", "ReadableStream", "Request", "Response"].map((name) => `[object ${name}]`),
);

class PlainWalk {
  readonly #core: MaskerCore;
  readonly #findings: Finding[] | undefined;
  /** Results by object and by the key that it stands under: an object may be in many places. */
  readonly #seen = new Map<object, Map<string, unknown>>();
  /** The objects that the walk is in. */
  readonly #open = new Set<object>();
  readonly #allowance = new Allowance();

  constructor(core: MaskerCore, findings: Finding[] | undefined) {
    this.#core = core;
    this.#findings = findings;
  }

  outermost(value: unknown, key: string): unknown {
    this.#allowance.takeValue();
    return this.under(this.#core.treat(key, ""), value, key, "", 0);
  }

  value(value: unknown, key: string, path: string, depth: number): unknown {
    return this.#allowance.takeValue() ? this.taken(value, key, path, depth) : this.#refuse(path);
  }

  /** The same for a value that was taken with the others of its object or list. */
  taken(value: unknown, key: string, path: string, depth: number): unknown {
    const core = this.#core;
    switch (typeof value) {
      case "string":
        this.#allowance.takeText(value.length);
        return this.#observed(path, () => core.text(value));
      case "number":
      case "bigint":
        return this.#number(value, path);
      case "object":
        if (value === null) return value;
        return this.#allowance.isSpent ? this.#refuse(path) : this.#object(value, key, path, depth);
      default:
        return value;
    }
  }

  /** Stands for a value beyond what is looked at; said and counted once. */
  #refuse(path: string): string {
    if (!this.#allowance.isFirstRefusal()) return REDACTED;
    this.#core.fail();
    return this.#redact(path, "failure");
  }

  #number(value: number | bigint, path: string): unknown {
    const kind = this.#core.findInNumber(value);
    return kind === undefined ? value : this.#redact(path, kind);
  }

  under(treatment: Treatment, value: unknown, key: string, path: string, depth: number): unknown {
    switch (treatment) {
      case "keep":
        return value;
      case "redact":
        return holdsNothing(value) ? value : this.#redact(path, "blocked_keys");
      case "id":
        return typeof value === "string" && isTraceId(value) ? value : this.taken(value, key, path, depth);
      default:
        return this.taken(value, key, path, depth);
    }
  }

  #object(value: object, key: string, path: string, depth: number): unknown {
    if (depth >= MAX_DEPTH) return this.#redact(path, "failure");
    const results = this.#seen.get(value) ?? new Map<string, unknown>();
    this.#seen.set(value, results);
    if (results.has(key)) return results.get(key);
    // Until there is a result, the value is within itself.
    if (this.#open.has(value)) return this.#redact(path, "failure");
    this.#open.add(value);
    let result: unknown = REDACTED;
    try {
      result = this.#contents(value, key, path, depth);
    } catch {
      // A getter that throws, a proxy that was revoked: what cannot be read is not let through.
      this.#core.fail();
      this.#findings?.push({ path, kind: "failure" });
    }
    this.#open.delete(value);
    results.set(key, result);
    return result;
  }

  #contents(value: object, key: string, path: string, depth: number): unknown {
    const core = this.#core;
    if (value instanceof KeyValues) {
      this.#allowance.takeValues(countDown(value, this.#allowance.left));
      if (this.#findings !== undefined) this.#entries(entriesOf(value), key, path, depth);
      return maskUnder(core, "search", key, value);
    }
    if (Array.isArray(value)) return this.#list(value, key, path, depth);
    if (value instanceof Map) return this.#map(value, key, path, depth);
    if (value instanceof Set) {
      const items = this.#allowance.collect<unknown>(value);
      const masked = this.#list(items, key, path, depth, true);
      return masked === items ? value : new Set(masked);
    }
    if (value instanceof Error) return this.#error(value, key, path, depth);
    const bytes = bytesOf(value);
    if (bytes !== undefined) return this.#bytes(value, bytes, path);
    if (value instanceof String || value instanceof Number || value instanceof BigInt) {
      return this.#unlessSame(value, value.valueOf(), key, path, depth);
    }
    const tag = Object.prototype.toString.call(value);
    // What is in them cannot be read at once.
    if (OPAQUE.has(tag)) return this.#redact(path, "failure");
    if (hasEntries(value, tag)) {
      const entries = this.#allowance.collect(value.entries());
      const masked = this.#entries(entries, key, path, depth, true);
      return masked === entries ? value : masked;
    }
    return this.#record(value, key, path, depth);
  }

  /** An object as `JSON.stringify` sees it, and as it is. */
  #record(value: object, key: string, path: string, depth: number): unknown {
    if ("toJSON" in value && typeof value.toJSON === "function") {
      const plain: unknown = Reflect.apply(value.toJSON, value, [key]);
      if (plain !== value) {
        const masked = this.#unlessSame(value, plain, key, path, depth);
        if (masked !== value) return masked;
      }
    }
    const entries = Object.entries(value);
    const masked = this.#entries(entries, key, path, depth);
    return masked === entries ? value : Object.fromEntries(masked);
  }

  /** What became of `inner`, which stands for the value; the value itself when that stayed the same. */
  #unlessSame(value: object, inner: unknown, key: string, path: string, depth: number): unknown {
    const masked = this.value(inner, key, path, depth + 1);
    return Object.is(masked, inner) ? value : masked;
  }

  #list(
    list: readonly unknown[],
    key: string,
    path: string,
    depth: number,
    isTaken = false,
  ): readonly unknown[] {
    const own = ownEntries(list);
    const masked = own.length === 0 ? own : this.#entries(own, key, path, depth);
    let changed = masked === own ? undefined : copyOf(list);
    const lines = this.#core.seeksKeys ? new KeyLines() : undefined;
    for (const i of placesOf(list)) {
      const item: unknown = list[i];
      const isLine = lines?.takes(item) === true;
      const own =
        (isLine || followsSecretName(this.#core, key, list, i)) && item !== REDACTED
          ? this.#redact(`${path}[${i}]`, "blocked_keys")
          : this[isTaken ? "taken" : "value"](item, key, `${path}[${i}]`, depth + 1);
      const value = typeof own === "string" ? endWithValue(this.#core, own) : own;
      if (Object.is(value, item)) continue;
      changed ??= copyOf(list);
      changed[i] = value;
    }
    if (changed === undefined) return list;
    for (const [name, value] of masked)
      Object.defineProperty(changed, name, { value, enumerable: true, writable: true, configurable: true });
    return changed;
  }

  #map(map: ReadonlyMap<unknown, unknown>, key: string, path: string, depth: number): unknown {
    const given = this.#allowance.collect(map);
    const names = given.map(([name]) => name);
    const entries = given.map(([name, item]): [string, unknown] => [String(name), item]);
    const masked = this.#entries(entries, key, path, depth, true);
    // A key that is an object is looked through as well.
    const keys = names.map((name, i) => {
      if (typeof name === "object") return this.value(name, "", `${path}[${i}]`, depth + 1);
      return masked[i]?.[0] === entries[i]?.[0] ? name : masked[i]?.[0];
    });
    if (masked === entries && keys.every((name, i) => Object.is(name, names[i]))) return map;
    return new Map(keys.map((name, i): [unknown, unknown] => [name, masked[i]?.[1]]));
  }

  /** Message, stack, cause and what else an error has of its own; the copy is of the same class. */
  #error(error: Error, key: string, path: string, depth: number): unknown {
    const entries = Object.getOwnPropertyNames(error).map((name): [string, unknown] => [
      name,
      Reflect.get(error, name),
    ]);
    const masked = this.#entries(entries, key, path, depth);
    if (masked === entries) return error;
    const copy: object = Object.create(Object.getPrototypeOf(error));
    for (const [i, [name, value]] of masked.entries()) {
      const enumerable = Object.getOwnPropertyDescriptor(error, entries[i]?.[0] ?? name)?.enumerable === true;
      Object.defineProperty(copy, name, { value, enumerable, writable: true, configurable: true });
    }
    return copy;
  }

  /** Bytes that hold text, and numbers that are cards. */
  #bytes(value: object, bytes: Uint8Array, path: string): unknown {
    const core = this.#core;
    if (value instanceof Float64Array || value instanceof BigInt64Array || value instanceof BigUint64Array) {
      for (const number of value) {
        const kind = core.findInNumber(number);
        if (kind !== undefined) return this.#redact(path, kind);
      }
    }
    this.#allowance.takeText(bytes.length);
    const masked = this.#observed(path, () => core.bytes(bytes));
    return masked === bytes ? value : masked;
  }

  /** The entries masked; the same list when nothing was found. */
  #entries(
    entries: readonly [string, unknown][],
    parent: string,
    path: string,
    depth: number,
    isTaken = false,
  ): readonly [string, unknown][] {
    const core = this.#core;
    const taken = isTaken ? entries.length : this.#allowance.takeUpTo(entries.length);
    for (const [key] of entries) this.#allowance.takeText(key.length);
    const names = entries.map(([key]) => key);
    const isSecret = secretMembers(
      core,
      names,
      entries.map(([, value]) => value),
    );
    const isLogin = holdsLogin(core, names);
    let distinct: DistinctKeys | undefined;
    let isChanged = false;
    const result = entries.map(([key, value], i): [string, unknown] => {
      let maskedKey = core.key(key);
      const place = (path === "" ? maskedKey : `${path}.${maskedKey}`).slice(0, MAX_PATH);
      if (maskedKey !== key) {
        this.#observed(place, () => core.key(key));
        distinct ??= new DistinctKeys(new Set(names));
        maskedKey = distinct.take(maskedKey);
      }
      const own = isSecret(key, value) ? "redact" : core.treat(key, parent);
      const isPass = isLogin && isPassKey(key) && typeof value === "string" && own === "search";
      const treatment = isPass ? "redact" : own;
      const masked = i < taken ? this.under(treatment, value, key, place, depth + 1) : this.#refuse(place);
      isChanged ||= maskedKey !== key || !Object.is(masked, value);
      return [maskedKey, masked];
    });
    return isChanged ? result : entries;
  }

  #observed<Result>(path: string, work: () => Result): Result {
    const findings = this.#findings;
    return findings === undefined
      ? work()
      : this.#core.observe((kind) => findings.push({ path, kind }), work);
  }

  #redact(path: string, kind: FindingKind): string {
    this.#findings?.push({ path, kind });
    return REDACTED;
  }
}

function entriesOf(map: KeyValues): readonly [string, unknown][] {
  return map.keys.map((key, i): [string, unknown] => [key, map.values[i] ?? null]);
}

/** The memory of a buffer or of a view of one; `undefined` for any other object. */
function bytesOf(value: object): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer || isShared(value) ? new Uint8Array(value) : undefined;
}

/** Browsers have shared memory on some pages only. */
function isShared(value: object): value is SharedArrayBuffer {
  return typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer;
}

function hasEntries(value: object, tag: string): value is { entries(): Iterable<[string, unknown]> } {
  return ENTRY_HOLDERS.has(tag) && "entries" in value && typeof value.entries === "function";
}

/** A longer list may have few items in it, however long it says that it is. */
const LONG = 65_536;

/** Where a list has its items. */
function placesOf(list: readonly unknown[]): Iterable<number> {
  return list.length <= LONG ? list.keys() : Object.keys(list).map(Number).filter(isPlace);
}

/** Keys of a list that are no places are names of its own. */
function isPlace(key: number): boolean {
  return Number.isInteger(key) && key >= 0;
}

/** What a list has beside its items, as `input` of what a regular expression found. */
function ownEntries(list: readonly unknown[]): readonly [string, unknown][] {
  const keys = Object.keys(list);
  // Places come first (ECMAScript, OrdinaryOwnPropertyKeys).
  let first = keys.length;
  while (first > 0 && !PLACE.test(keys[first - 1] ?? "")) first--;
  return keys.slice(first).map((key) => [key, Reflect.get(list, key)]);
}

const PLACE = /^\d{1,10}$/;

function copyOf(list: readonly unknown[]): unknown[] {
  if (list.length <= LONG) return Array.from(list);
  const copy: unknown[] = [];
  for (const place of placesOf(list)) copy[place] = list[place];
  copy.length = list.length;
  return copy;
}
