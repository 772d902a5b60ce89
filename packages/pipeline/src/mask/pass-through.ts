import type { Mask } from "../draft.ts";

/** The masking stage with masking off. */
export const passThrough: Mask = () => {};
