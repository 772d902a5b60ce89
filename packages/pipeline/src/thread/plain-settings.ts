/** Settings of masking on their way into a thread: a secret is an object that cannot be copied. */
import { Secret } from "../secret.ts";
import type { MaskSettings } from "../settings.ts";

/** {@link MaskSettings} as they can be copied. */
export type PlainMaskSettings = Omit<MaskSettings, "literals"> & { readonly literals: readonly string[] };

export function toPlainMaskSettings(settings: MaskSettings): PlainMaskSettings {
  return { ...settings, literals: settings.literals.map((literal) => literal.reveal()) };
}

export function fromPlainMaskSettings(plain: PlainMaskSettings): MaskSettings {
  return { ...plain, literals: plain.literals.map((literal) => new Secret(literal)) };
}
