import type { Mask } from "./draft.ts";
import { createDraftMask } from "./mask/draft-mask.ts";
import { MaskerCore } from "./mask/masker-core.ts";
import { passThrough } from "./mask/pass-through.ts";
import type { MaskSettings } from "./settings.ts";

/**
 * What masking is made of, for the parts of a message of one's own. One a thread.
 *
 * @throws TypeError that names the setting which is wrong
 */
export function compileMasker(settings: MaskSettings): MaskerCore {
  const { blockedKeys, allowKeys, patterns, categories } = settings;
  const literals = settings.literals.map((literal) => literal.reveal());
  return new MaskerCore({ blockedKeys, allowKeys, patterns, categories, literals });
}

/**
 * The masking stage of the settings; the built-in rules when there are none. One a thread.
 *
 * @throws TypeError that names the setting which is wrong
 */
export function compileMask(settings: MaskSettings | "off" | undefined): Mask {
  if (settings === "off") return passThrough;
  return createDraftMask(settings === undefined ? new MaskerCore({}) : compileMasker(settings));
}
