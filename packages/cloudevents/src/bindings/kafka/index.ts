/** The Kafka protocol binding: binary and structured content mode. */
export type { DecodeOptions } from "../../formats/json/options.ts";
export { decode, type KafkaRecordInit } from "./decode.ts";
export { encode, type KafkaEncodeOptions, type KafkaRecord } from "./encode.ts";
export type { KafkaHeaders, KafkaHeaderValue, KafkaText } from "./headers.ts";
export type { KafkaKey, KeyMapper } from "./keys.ts";
