/** One text, masked: the built-in rules, the user's literals and patterns, JSON within it, and what hides behind encodings. */
import { type EnabledCategories, type FindingKind, NAMED_KINDS, REDACTED } from "./categories.ts";
import { compose, type Folded, fold } from "./fold.ts";
import { hasFormBlanks, withFormBlanks } from "./form-blanks.ts";
import { isJson } from "./json-grammar.ts";
import { type JsonMasking, maskJson } from "./json-text.ts";
import { isTraceId, type KeyRules, type KeyVerdict } from "./key-rules.ts";
import { MaskLimitError } from "./limit-error.ts";
import type { Literals } from "./literals.ts";
import type { Patterns } from "./patterns.ts";
import { isCardInteger } from "./rules/cards.ts";
import { CLEAN, Scanner } from "./scanner.ts";
import { Spans } from "./spans.ts";
import { readVersions } from "./versions.ts";

/** Folding takes about ten bytes for each character: a longer text that would have to be folded goes whole. */
const MAX_FOLDED = 8_388_608;
/** JSON within JSON, each a string of the one around it. */
const MAX_NESTING = 4;
/** What is masked may show something else beside it. After so many rounds the text goes whole. */
const MAX_ROUNDS = 4;

/** What a masker was made with, compiled. */
export interface CompiledRules {
  readonly enabled: EnabledCategories;
  readonly keys: KeyRules;
  readonly literals: Literals | undefined;
  readonly patterns: Patterns | undefined;
}

export class TextMasker {
  readonly #rules: CompiledRules;
  readonly #scanner: Scanner;
  readonly #json: readonly JsonMasking[];
  /** There are no literals nor patterns of the user's. */
  readonly builtInAlone: boolean;
  /** Texts that went whole because masking them failed, counted. */
  failures = 0;
  /** Told of each finding, while somebody listens. */
  onFinding: ((kind: FindingKind) => void) | undefined = undefined;

  constructor(rules: CompiledRules) {
    this.#rules = rules;
    this.builtInAlone = rules.literals === undefined && rules.patterns === undefined;
    this.#scanner = new Scanner(rules.enabled, rules.keys);
    this.#json = Array.from({ length: MAX_NESTING }, (_, nesting) => this.#jsonMasking(nesting + 1));
  }

  /** True when no rule can find anything in the text; false says nothing. */
  isClean(text: string): boolean {
    return this.builtInAlone && this.#scanner.isClean(text);
  }

  /** The masked text; the same one when nothing was found. Never throws. */
  mask(text: string): string {
    return this.isClean(text) ? text : this.#maskNested(text, 0);
  }

  /** Nobody is told of what is found in the key: verdicts are remembered. */
  verdictOn(key: string): KeyVerdict {
    const { onFinding } = this;
    if (onFinding === undefined) return this.#rules.keys.verdictOn(key, this.#maskName);
    this.onFinding = undefined;
    try {
      return this.#rules.keys.verdictOn(key, this.#maskName);
    } finally {
      this.onFinding = onFinding;
    }
  }

  /** The key masked; whoever listens is told of what is found in it. */
  maskKey(key: string): string {
    const masked = this.verdictOn(key).key;
    return masked === key || this.onFinding === undefined ? masked : this.#maskName(key);
  }

  /** Keys are texts of their own; one that is a map's is no JSON. */
  readonly #maskName = (key: string): string => this.#maskNested(key, MAX_NESTING);

  /** What a number, as it is written, is found to be: a card's, or what the user looks for; never throws. */
  findInNumber(written: string): FindingKind | undefined {
    const { enabled, literals, patterns } = this.#rules;
    if (enabled.cards && isCardInteger(written)) return "cards";
    if (this.builtInAlone) return undefined;
    const found = new Spans();
    literals?.find(written, found);
    try {
      patterns?.find(written, found);
    } catch {
      this.failures++;
      return "failure";
    }
    return found.kinds[0];
  }

  #maskNested(text: string, nesting: number): string {
    try {
      let masked = text;
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const again = this.#maskOnce(masked, nesting);
        if (again === masked) return masked;
        masked = again;
      }
      return REDACTED;
    } catch {
      // A limit, or a fault of a rule or of the memory: whatever it was, the text must not leak.
      this.failures++;
      this.onFinding?.("failure");
      return REDACTED;
    }
  }

  #maskOnce(text: string, nesting: number): string {
    const mayHold = !this.#scanner.isClean(text);
    const scanned = mayHold ? this.#scanner.scan(text) : CLEAN;
    const isForm = mayHold && hasFormBlanks(text);
    if (scanned === CLEAN && !isForm && this.builtInAlone) return text;
    const { literals, patterns } = this.#rules;
    const { foldable, escaped } = scanned;
    const all = scanned === CLEAN ? new Spans() : scanned.found;
    if (foldable || isForm) this.#searchFolded(text, all);
    if (scanned !== CLEAN) this.#searchVersions(text, all);
    literals?.find(text, all);
    patterns?.find(text, all);
    const found = spareRedacted(text, all);
    if ((found.size > 0 || escaped) && nesting < MAX_NESTING) {
      const json = this.#json[nesting];
      const masked = json === undefined ? undefined : maskJson(text, json, found);
      if (masked !== undefined) return masked;
    }
    if (found.size === 0) return text;
    const { onFinding } = this;
    if (onFinding !== undefined) for (const kind of found.outerKinds()) onFinding(kind);
    return found.applyTo(text);
  }

  /** Searches what the text stands for, and adds where it stands. */
  #searchFolded(text: string, found: Spans): void {
    if (text.length > MAX_FOLDED) throw new MaskLimitError("a text is too long to be decoded");
    const folded = fold(text);
    const spaced = withFormBlanks(text, folded);
    if (spaced !== undefined) this.#searchFoldedAs(text, spaced, found);
    if (folded.text === text) return;
    found.leave(folded.sequences);
    this.#searchFoldedAs(text, folded, found);
    this.#searchVersions(text, found, folded);
    // What a sequence holds apart may be one thing or two.
    if (folded.sequences.length > 0) this.#searchFoldedAs(text, fold(text, true), found);
  }

  /** Searches what the text shows to have been and to be, where it shows changes. */
  #searchVersions(text: string, found: Spans, folded?: Folded): void {
    const versions = readVersions(folded?.text ?? text);
    if (versions.length > 0 && text.length > MAX_FOLDED)
      throw new MaskLimitError("a text is too long to be read");
    for (const version of versions)
      this.#searchFoldedAs(text, folded === undefined ? version : compose(version, folded), found);
  }

  #searchFoldedAs(text: string, folded: Folded, found: Spans): void {
    const scanned = this.#scanner.scan(folded.text);
    const inner = scanned === CLEAN ? new Spans() : scanned.found;
    this.#rules.literals?.find(folded.text, inner);
    this.#rules.patterns?.find(folded.text, inner);
    let reachedFrom = 0;
    let reached = 0;
    for (const [i, kind] of inner.kinds.entries()) {
      const start = folded.starts[inner.starts[i] ?? 0] ?? 0;
      const end = folded.ends[(inner.ends[i] ?? 0) - 1] ?? 0;
      // What one value has reached is not walked again for another within it.
      const isWithin = start >= reachedFrom && start < reached;
      if (NAMED_KINDS.has(kind) && !isWithin) {
        reachedFrom = start;
        reached = endOfEncoded(text, start, end);
      }
      found.add(start, NAMED_KINDS.has(kind) ? Math.max(reached, end) : end, kind);
    }
  }

  #jsonMasking(nesting: number): JsonMasking {
    const { keys, enabled } = this.#rules;
    return {
      seeksKeys: enabled.private_keys,
      maskText: (text) => this.#maskNested(text, nesting),
      maskKey: (key) => this.maskKey(key),
      readsJson: (inner) => nesting < MAX_NESTING && isJson(inner),
      treat: (key, parent) => {
        const { treatment, mayJoin } = this.verdictOn(key);
        const joins = treatment === "search" && mayJoin && parent !== "" && keys.isJoined(parent, key);
        return joins ? "redact" : treatment;
      },
      onWhole: (kind) => this.onFinding?.(kind),
      isSecretName: (name) => keys.isSecretName(name),
      isTraceId,
      isSensitiveNumber: (written) => {
        const kind = this.findInNumber(written);
        if (kind !== undefined) this.onFinding?.(kind);
        return kind !== undefined;
      },
    };
  }
}

/**
 * Where a value ends behind a `=` that is not encoded: a space that is encoded belongs to the value, as in
 * `stripe%5Bsecret%5D=two%20words&x=1`.
 */
function endOfEncoded(text: string, start: number, end: number): number {
  if (text.charAt(start - 1) !== "=" || (text.charAt(end) !== "%" && text.charAt(end) !== "+")) return end;
  let at = end;
  while (at < text.length && text.charCodeAt(at) > 32 && !"&;\"'<>".includes(text.charAt(at))) at++;
  return at;
}

/** `[REDACTED]` is nothing to be found, nor a part of it, such as by a pattern of capitals. */
function spareRedacted(text: string, found: Spans): Spans {
  if (found.size === 0) return found;
  const marks: number[] = [];
  let at = text.indexOf(REDACTED);
  for (; at >= 0; at = text.indexOf(REDACTED, at + REDACTED.length)) marks.push(at);
  return marks.length === 0 ? found : found.around(marks, REDACTED.length);
}
