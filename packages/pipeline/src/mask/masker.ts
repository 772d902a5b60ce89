import { MaskerCore } from "./masker-core.ts";
import type { MaskOptions } from "./options.ts";
import { type Finding, findPlain, maskPlain } from "./plain-value.ts";

/** Replaces what is personal or secret by `[REDACTED]` (semantics, section 8). None of its methods throws. */
export interface Masker {
  /**
   * The text with what was found in it replaced; the same text when nothing was. Masking it again changes nothing.
   * What is no text goes whole.
   */
  maskText(text: string): string;
  /**
   * A value as JSON or JavaScript has it, masked at any depth; the same value when nothing was found, else a copy
   * of what changed. An object that contains itself, or is nested more than 64 levels deep, goes whole.
   *
   * @param key the key that the value stands under: one like `password` makes it go whole
   */
  maskValue(value: unknown, key?: string): unknown;
  /** What {@link maskValue} would replace, by place and kind, without the values. */
  find(value: unknown): readonly Finding[];
  /** How many values went whole because masking them failed or would have taken too much. */
  readonly failures: number;
}

/**
 * Compiles options into a masker. One a thread.
 *
 * @throws TypeError that names the option which is wrong
 */
export function createMasker(options: MaskOptions = {}): Masker {
  const core = new MaskerCore(options);
  return {
    maskText: (text) => (typeof text === "string" ? core.text(text) : core.refuse()),
    maskValue: (value, key = "") => maskPlain(core, value, key),
    find: (value) => findPlain(core, value),
    get failures() {
      return core.failures;
    },
  };
}
