import { MAX_DEPTH, MAX_VALUES } from "../depth.ts";

/**
 * What one export request may ask of the decoder. The receiver limits its bytes; these limit what a small
 * message can grow into, since four bytes of protobuf can stand for a nested map.
 *
 * What goes beyond a count of records, events or values is too large (`OtlpTooLargeError`): in several requests all of
 * it is taken. Nesting and pieces beyond what any encoder makes are no OTLP that is read here (`OtlpDecodeError`).
 */
export interface DecodeLimits {
  /** Levels of lists and maps within one value. The OTel SDKs stop far below. */
  readonly maxDepth: number;
  /** Records in a request, events or not. SDKs send 512 to 8,192 at a time. */
  readonly maxRecords: number;
  /** Records in a request that are events: each grows into a few hundred bytes at least. */
  readonly maxEvents: number;
  /** Values (attributes, list items, map entries) in all events of a request together. */
  readonly maxValues: number;
  /**
   * Pieces in which a protobuf sender may give one resource, body or value. No encoder makes more than one, and
   * two bytes of a request can be a piece.
   */
  readonly maxPieces: number;
  /** Bytes of values given in pieces, in all events of a request: joined once for each level they stand in. */
  readonly maxJoinedBytes: number;
}

export const DEFAULT_LIMITS: DecodeLimits = {
  maxDepth: MAX_DEPTH,
  maxRecords: 1_048_576,
  maxEvents: 131_072,
  maxValues: MAX_VALUES,
  maxPieces: 1024,
  maxJoinedBytes: 8_388_608,
};
