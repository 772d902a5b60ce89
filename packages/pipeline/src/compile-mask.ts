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

/**
 * What masks texts that are no event's, such as an answer that quotes one. It is compiled with the first of them, since
 * there are few.
 *
 * @param settings as {@link compileMask} takes them, which has found them to be right
 */
export function compileTextMask(settings: MaskSettings | "off" | undefined): (text: string) => string {
  if (settings === "off") return (text) => text;
  let core: MaskerCore | undefined;
  return (text) => {
    core ??= settings === undefined ? new MaskerCore({}) : compileMasker(settings);
    return core.text(text);
  };
}
