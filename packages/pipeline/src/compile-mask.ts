import type { Mask } from "./draft.ts";
import { createDraftMask } from "./mask/draft-mask.ts";
import { MaskerCore } from "./mask/masker-core.ts";
import { passThrough } from "./mask/pass-through.ts";
import type { MaskSettings } from "./settings.ts";

/**
 * The masking stage of the settings; the built-in rules when there are none. One a thread.
 *
 * @throws TypeError that names the setting which is wrong
 */
export function compileMask(settings: MaskSettings | "off" | undefined): Mask {
  if (settings === "off") return passThrough;
  if (settings === undefined) return createDraftMask(new MaskerCore({}));
  const literals = settings.literals.map((literal) => literal.reveal());
  return createDraftMask(new MaskerCore({ ...settings, literals }));
}
