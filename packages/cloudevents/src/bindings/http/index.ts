/** The HTTP protocol binding: binary, structured and batched content mode. */
export type { DecodedBatch } from "../../formats/json/decode.ts";
export type { DecodeOptions } from "../../formats/json/options.ts";
export { decode, decodeBatch, type HttpMessageInit } from "./decode.ts";
export { encode, type HttpEncodeOptions, type HttpMessage, type StructuredHttpMessage } from "./encode.ts";
export type { HttpHeaders, HttpHeaderValue } from "./headers.ts";
