/** Values of JavaScript, masked and searched: objects, lists, maps, bytes, events. Nothing of the caller's is changed. */
import { KeyValues } from "../log-event.ts";
import { maskUnder } from "./any-value.ts";
import { type FindingKind, REDACTED } from "./categories.ts";
import { isTraceId, type Treatment } from "./key-rules.ts";
import type { MaskerCore } from "./masker-core.ts";

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
  return new PlainWalk(core, undefined).under(core.treat(key, ""), value, key, "", 0);
}

/** What {@link maskPlain} would replace. */
export function findPlain(core: MaskerCore, value: unknown): readonly Finding[] {
  const findings: Finding[] = [];
  new PlainWalk(core, findings).value(value, "", "", 0);
  return findings;
}

class PlainWalk {
  readonly #core: MaskerCore;
  readonly #findings: Finding[] | undefined;
  /** Results by object and by the key that it stands under: an object may be in many places. */
  readonly #seen = new Map<object, Map<string, unknown>>();
  /** The objects that the walk is in. */
  readonly #open = new Set<object>();

  constructor(core: MaskerCore, findings: Finding[] | undefined) {
    this.#core = core;
    this.#findings = findings;
  }

  value(value: unknown, key: string, path: string, depth: number): unknown {
    const core = this.#core;
    switch (typeof value) {
      case "string":
        return this.#observed(path, () => core.text(value));
      case "number":
      case "bigint":
        return core.isCard(value) ? this.#redact(path, "cards") : value;
      case "object":
        return value === null ? value : this.#object(value, key, path, depth);
      default:
        return value;
    }
  }

  under(treatment: Treatment, value: unknown, key: string, path: string, depth: number): unknown {
    switch (treatment) {
      case "keep":
        return value;
      case "redact":
        return value === null || value === undefined || value === REDACTED
          ? value
          : this.#redact(path, "blocked_keys");
      case "id":
        return typeof value === "string" && isTraceId(value) ? value : this.value(value, key, path, depth);
      default:
        return this.value(value, key, path, depth);
    }
  }

  #object(value: object, key: string, path: string, depth: number): unknown {
    if (depth >= MAX_DEPTH) return this.#redact(path, "failure");
    const results = this.#seen.get(value) ?? new Map<string, unknown>();
    this.#seen.set(value, results);
    if (results.has(key)) return results.get(key);
    // Until there is a result, the value is within itself.
    if (this.#open.has(value)) return REDACTED;
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
    if (value instanceof Uint8Array) return this.#observed(path, () => core.bytes(value));
    if (value instanceof KeyValues) {
      if (this.#findings !== undefined) this.#entries(entriesOf(value), key, path, depth);
      return maskUnder(core, "search", key, value);
    }
    if (Array.isArray(value)) {
      const masked = value.map((item: unknown, i) => this.value(item, key, `${path}[${i}]`, depth + 1));
      return masked.some((item, i) => !Object.is(item, value[i])) ? masked : value;
    }
    if (value instanceof Map) {
      const entries = Array.from(value, ([name, item]): [string, unknown] => [String(name), item]);
      const masked = this.#entries(entries, key, path, depth);
      return masked === entries ? value : new Map(masked);
    }
    const entries = Object.entries(value);
    const masked = this.#entries(entries, key, path, depth);
    return masked === entries ? value : Object.fromEntries(masked);
  }

  /** The entries masked; the same list when nothing was found. */
  #entries(
    entries: readonly [string, unknown][],
    parent: string,
    path: string,
    depth: number,
  ): readonly [string, unknown][] {
    const core = this.#core;
    let isChanged = false;
    const result = entries.map(([key, value]): [string, unknown] => {
      const maskedKey = core.key(key);
      const place = (path === "" ? maskedKey : `${path}.${maskedKey}`).slice(0, MAX_PATH);
      if (maskedKey !== key) this.#observed(place, () => core.text(key));
      const masked = this.under(core.treat(key, parent), value, key, place, depth + 1);
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
