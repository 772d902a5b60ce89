/** What the masking stage remembers, since events of one service are much alike. All of it is bounded: clients choose it. */
import type { Treatment } from "./key-rules.ts";
import type { MaskerCore } from "./masker-core.ts";

/** What is done with an entry of the data. */
export interface EntryRule {
  readonly name: string;
  readonly key: string;
  readonly treatment: Treatment;
  /** The key, masked. */
  readonly masked: string;
}

const MAX_RULES = 8192;
const MAX_LENGTH = 256;
/** Entries beyond it are looked up by their name each time. */
const MAX_PLACES = 64;

/** The rules of entries by attribute name, which mostly has the same key each time, and mostly stands in the same place. */
export class EntryRules {
  readonly #core: MaskerCore;
  readonly #known = new Map<string, EntryRule>();
  readonly #places: EntryRule[] = [];

  constructor(core: MaskerCore) {
    this.#core = core;
  }

  /** @param place of the entry in its event */
  of(place: number, name: string, key: string): EntryRule {
    const last = this.#places[place];
    if (last !== undefined && last.name === name && last.key === key) return last;
    const rule = this.#lookUp(name, key);
    // Without a gap in the list, for then it would become slow.
    if (place <= this.#places.length && place < MAX_PLACES) this.#places[place] = rule;
    return rule;
  }

  #lookUp(name: string, key: string): EntryRule {
    const known = this.#known.get(name);
    if (known !== undefined && known.key === key) return known;
    const byName = this.#core.verdictOn(name);
    const byKey = key === name ? byName : this.#core.verdictOn(key);
    // A key that is allowed by one of its names is allowed, before it is blocked by the other.
    const treatment =
      byName.treatment === "search" || byKey.treatment === "keep" ? byKey.treatment : byName.treatment;
    const isHidden = byName.key !== name && byKey.treatment !== "keep";
    // A key made from a name may hide what the name shows: an address without its dots is none.
    const masked = isHidden ? this.#core.key(keyOf(byName.key)) : byKey.key;
    const rule: EntryRule = { name, key, treatment, masked };
    if (this.#known.size >= MAX_RULES) this.#known.clear();
    if (name.length <= MAX_LENGTH && key.length <= MAX_LENGTH) this.#known.set(name, rule);
    return rule;
  }
}

const PREFIX = "coresdk.";

/** A masked name in the way that keys are made of names (semantics, section 6). */
function keyOf(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length).replaceAll(".", "_") : name;
}

const MAX_TEXTS = 1024;

/** Texts that come again and again, masked. */
export class TextMemo {
  readonly #core: MaskerCore;
  readonly #known = new Map<string, string>();
  #last = "";
  #lastMasked = "";

  constructor(core: MaskerCore) {
    this.#core = core;
  }

  mask(text: string): string {
    if (text === this.#last) return this.#lastMasked;
    let masked = this.#known.get(text);
    if (masked === undefined) {
      masked = this.#core.text(text);
      if (text.length > MAX_LENGTH) return masked;
      if (this.#known.size >= MAX_TEXTS) this.#known.clear();
      this.#known.set(text, masked);
    }
    this.#last = text;
    this.#lastMasked = masked;
    return masked;
  }
}

/** A power of two. */
const SLOTS = 1024;
const MAX_CLEAN = 48;

/** Short texts in which there was nothing. One that comes anew takes the place of another. */
export class CleanTexts {
  readonly #core: MaskerCore;
  readonly #texts: string[] = new Array<string>(SLOTS).fill("");

  constructor(core: MaskerCore) {
    this.#core = core;
  }

  /** True when there is nothing to be found in a text; false says nothing. */
  has(text: string): boolean {
    const { length } = text;
    if (length === 0 || length > MAX_CLEAN) return this.#core.isClean(text);
    const middle = text.charCodeAt(length >> 1);
    const mixed = (text.charCodeAt(length - 1) * 31 + middle) * 31 + text.charCodeAt(0) + length * 7;
    const slot = (mixed ^ (mixed >> 10)) & (SLOTS - 1);
    if (this.#texts[slot] === text) return true;
    if (!this.#core.isClean(text)) return false;
    this.#texts[slot] = text;
    return true;
  }
}
