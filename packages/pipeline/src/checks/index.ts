/**
 * What a configuration is checked with before there is a pipeline. The package's root has all of it too, and takes
 * several times as long to load: it brings what stores and delivers.
 */
import "../require-node.ts";

export { isPrivateHost } from "../deliver/address-guard.ts";
export { checkHeaderName } from "../deliver/http/fixed-headers.ts";
export { hidePathTokens } from "../path-tokens.ts";
export { Secret } from "../secret.ts";
export { EXTENSION_NAMES } from "../settings.ts";
export { checkFixedExtension } from "../wrap/extension-rules.ts";
