/** What masking does with a key and the value under it, worked out once per key. */

import type { EnabledCategories } from "./categories.ts";
import { fold, foldKind, isEncodedByte } from "./fold.ts";
import { BlockedKeys, type KeyKind, type NameEndings } from "./key-words.ts";
import type { NameRules } from "./rules/names.ts";
import { splitName } from "./split-key.ts";

/** What becomes of the value under a key. */
export type Treatment =
  /** It is searched. */
  | "search"
  /** It goes whole. */
  | "redact"
  /** It stays as it is. */
  | "keep"
  /** It stays when it has the form of a trace or span id, else it is searched. */
  | "id";

export interface KeyVerdict {
  readonly treatment: Treatment;
  /** The key itself, masked; the same text when nothing was found in it. */
  readonly key: string;
  /** Under the key of a map, both are looked up together. */
  readonly mayJoin: boolean;
}

const MAX_KNOWN = 8_192;
/** Longer keys are worked out each time, so that the memory stays small whatever is sent. */
const MAX_KNOWN_LENGTH = 256;

const ID_NAMES: ReadonlySet<string> = new Set(["traceid", "spanid", "parentspanid", "parentid"]);
const ID = "id";

export class KeyRules implements NameRules {
  readonly endings: NameEndings;
  readonly #blocked: BlockedKeys;
  readonly #allowed: ReadonlySet<string>;
  readonly #enabled: EnabledCategories;
  readonly #known = new Map<string, KeyVerdict>();
  readonly #kinds = new Map<string, KeyKind | undefined>();

  constructor(
    enabled: EnabledCategories,
    options: { readonly blockedKeys: readonly string[]; readonly allowKeys: readonly string[] },
  ) {
    this.#enabled = enabled;
    this.#blocked = new BlockedKeys(options.blockedKeys);
    this.#allowed = new Set(options.allowKeys.map((key) => key.toLowerCase()));
    this.endings = this.#blocked.endings();
  }

  /** @param maskText masks a text of its own, as a key is one */
  verdictOn(key: string, maskText: (text: string) => string): KeyVerdict {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const words = splitName(plainName(key));
    const verdict: KeyVerdict = {
      treatment: this.#treatmentOf(key, words),
      key: this.#allowed.has(key.toLowerCase()) ? key : maskText(key),
      mayJoin: this.#blocked.mayJoin(words),
    };
    if (key.length <= MAX_KNOWN_LENGTH) {
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.set(key, verdict);
    }
    return verdict;
  }

  #treatmentOf(key: string, words: readonly string[]): Treatment {
    if (this.#allowed.has(key.toLowerCase())) return "keep";
    if (this.#enabled.blocked_keys && this.#blocked.kindOf(words) !== undefined) return "redact";
    if (words.at(-1)?.endsWith(ID) !== true) return "search";
    return ID_NAMES.has(words.slice(-3).join("")) || ID_NAMES.has(words.slice(-2).join("")) ? "id" : "search";
  }

  /** True when a key in a map is blocked together with the map's own key, and not alone. */
  isJoined(parent: string, key: string): boolean {
    if (!this.#enabled.blocked_keys) return false;
    const own = splitName(plainName(key));
    return this.#blocked.kindOf([...splitName(plainName(parent)).slice(-2), ...own]) !== undefined;
  }

  /** True when what stands beside this name goes whole. */
  isSecretName(name: string): boolean {
    return this.#enabled.blocked_keys && this.kindOfName(name) !== undefined;
  }

  /** The kind of secret that a name in a text stands for, when that is masked in text. */
  kindOfName(name: string): KeyKind | undefined {
    return this.#kindOf(name, name);
  }

  kindOfAssigned(name: string): KeyKind | undefined {
    return this.#kindOf(name, `${name}=`);
  }

  /** @param memo the name, with a `=` behind it where it stands in front of one */
  #kindOf(name: string, memo: string): KeyKind | undefined {
    if (this.#kinds.has(memo)) return this.#kinds.get(memo);
    const words = this.#allowed.has(name.toLowerCase()) ? [] : splitName(name);
    const kind =
      this.#blocked.kindOf(words) ?? (memo === name ? undefined : this.#blocked.kindOfAssigned(words));
    const given = kind !== undefined && this.#enabled[kind] ? kind : undefined;
    if (this.#kinds.size >= MAX_KNOWN) this.#kinds.clear();
    this.#kinds.set(memo, given);
    return given;
  }
}

const TRACE_ID = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i;

/** True for the hex form of a W3C trace or span id. */
export function isTraceId(text: string): boolean {
  return TRACE_ID.test(text);
}

/** The key with what hides its letters folded. */
function plainName(key: string): string {
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    const isHidden =
      code === 37 ? isEncodedByte(key, i) : code >= 128 && foldKind(code, key.charCodeAt(i + 1)) === 2;
    if (isHidden) return fold(key).text;
  }
  return key;
}
