import { enableCategories, type FindingKind, REDACTED } from "./categories.ts";
import { KeyRules, type KeyVerdict, type Treatment } from "./key-rules.ts";
import { Literals } from "./literals.ts";
import { checkOptions, type MaskOptions } from "./options.ts";
import { Patterns } from "./patterns.ts";
import { TextMasker } from "./text-masker.ts";

const BYTES_REDACTED: Uint8Array = new TextEncoder().encode(REDACTED);

/** What masking is made of, compiled from options: texts, keys, numbers and bytes. One a thread. */
export class MaskerCore {
  /** Private keys are looked for. */
  readonly seeksKeys: boolean;
  readonly #keys: KeyRules;
  readonly #texts: TextMasker;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #latin = new TextDecoder("latin1");
  readonly #encoder = new TextEncoder();

  /** @throws TypeError that names the option which is wrong */
  constructor(options: MaskOptions) {
    checkOptions(options);
    const { blockedKeys = [], allowKeys = [], literals = [], patterns = [], categories = {} } = options;
    const enabled = enableCategories(categories);
    this.seeksKeys = enabled.private_keys;
    this.#keys = new KeyRules(enabled, { blockedKeys, allowKeys });
    this.#texts = new TextMasker({
      enabled,
      keys: this.#keys,
      literals: literals.length === 0 ? undefined : new Literals(literals),
      patterns: patterns.length === 0 ? undefined : new Patterns(patterns),
    });
  }

  /** Values that went whole because masking them failed, counted from the beginning. */
  get failures(): number {
    return this.#texts.failures;
  }

  /** Counts a value that went whole because masking it failed. */
  fail(): void {
    this.#texts.failures++;
  }

  /** Stands for what cannot be looked at, and counts it. */
  refuse(): string {
    this.fail();
    return this.redact("failure");
  }

  /** Calls back for each finding while `work` runs. */
  observe<Result>(onFinding: (kind: FindingKind) => void, work: () => Result): Result {
    this.#texts.onFinding = onFinding;
    try {
      return work();
    } finally {
      this.#texts.onFinding = undefined;
    }
  }

  /** True when there is nothing to be found in a text; false says nothing. */
  isClean(text: string): boolean {
    return this.#texts.isClean(text);
  }

  text(text: string): string {
    return this.#texts.mask(text);
  }

  key(key: string): string {
    return this.#texts.maskKey(key);
  }

  verdictOn(key: string): KeyVerdict {
    return this.#texts.verdictOn(key);
  }

  /** What becomes of the value under a key of a map that itself stands under the key `parent`. */
  treat(key: string, parent: string): Treatment {
    const { treatment, mayJoin } = this.#texts.verdictOn(key);
    if (treatment !== "search" || !mayJoin || parent === "") return treatment;
    return this.#keys.isJoined(parent, key) ? "redact" : treatment;
  }

  isSecretName(name: string): boolean {
    return this.#keys.isSecretName(name);
  }

  /** What a number is found to be, as the text that it is written as; `undefined` when it is nothing. */
  findInNumber(value: number | bigint | string): FindingKind | undefined {
    // Most numbers are smaller than a card's by far.
    const isSmall = typeof value === "number" && !(Math.abs(value) >= 1e11);
    return isSmall && this.#texts.builtInAlone ? undefined : this.#texts.findInNumber(String(value));
  }

  /** Stands for a value that goes whole. */
  redact(kind: FindingKind): string {
    this.#texts.onFinding?.(kind);
    return REDACTED;
  }

  /** Bytes that hold text; the same bytes when nothing was found. What is no UTF-8 goes whole when something was. */
  bytes(bytes: Uint8Array): Uint8Array {
    let text: string | undefined;
    try {
      text = this.#decoder.decode(bytes);
    } catch {
      text = undefined;
    }
    if (text === undefined) {
      const latin = this.#latin.decode(bytes);
      return this.text(latin) === latin ? bytes : BYTES_REDACTED;
    }
    const masked = this.text(text);
    return masked === text ? bytes : this.#encoder.encode(masked);
  }
}
