/** The JSON event format. */
export { type DecodedBatch, decode, decodeBatch } from "./decode.ts";
export { encode } from "./encode.ts";
export type { DecodeOptions, EncodeOptions } from "./options.ts";
export type { Wire } from "./wire.ts";
