/**
 * What a thread that masks needs. The package's root has all of it too, and takes several times as long to load: it
 * brings what stores and delivers.
 */
import "../require-node.ts";

export { compileMasker } from "../compile-mask.ts";
export { OtlpDecodeError, type OtlpEncoding, OtlpTooLargeError } from "../contracts.ts";
export { MAX_EVENT_VALUES, MAX_VALUES } from "../depth.ts";
export { REDACTED } from "../mask/categories.ts";
export type { MaskerCore } from "../mask/masker-core.ts";
export type { MaskSettings } from "../settings.ts";
export { fromPlainMaskSettings, type PlainMaskSettings } from "./plain-settings.ts";
export { serveTasks } from "./serve-tasks.ts";
