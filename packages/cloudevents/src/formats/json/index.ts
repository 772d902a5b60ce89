/** The JSON event format. */
export { type DecodedBatch, decode, decodeBatch } from "./decode.ts";
export { encode } from "./encode.ts";
export type { DecodeOptions, Wire } from "./parse.ts";
export type { EncodeOptions } from "./stringify.ts";
