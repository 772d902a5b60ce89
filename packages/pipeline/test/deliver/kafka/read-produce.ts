import assert from "node:assert/strict";

/** What a Produce request says of how its records are to be stored. */
export interface Produced {
  readonly acks: number;
  /** The number of the compression in the attributes of the record batch. */
  readonly codec: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly count: number;
  /** The records, as they are behind the head of the batch. */
  readonly records: Buffer;
}

/**
 * Reads a request of version 9 with one topic, one partition and one record batch:
 *
 *     request = api_key:i16 api_version:i16 correlation_id:i32 client_id:i16-string tags
 *               transactional_id:compact-string acks:i16 timeout_ms:i32 topics tags
 *     topics  = count:varint name:compact-string partitions tags
 *     partitions = count:varint index:i32 records:compact-bytes tags
 *     records = base_offset:i64 length:i32 leader_epoch:i32 magic:i8 crc:u32 attributes:i16 last_offset_delta:i32
 *               base_timestamp:i64 max_timestamp:i64 producer_id:i64 producer_epoch:i16 base_sequence:i32 count:i32 …
 */
export function readProduce(request: Buffer): Produced {
  assert.equal(request.readInt16BE(2), 9, "the version that the broker offers");
  let at = 10 + request.readInt16BE(8);
  const skip = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = request.readUInt8(skip(1));
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  assert.equal(varint(), 0, "no tags");
  assert.equal(varint(), 0, "no transaction");
  const acks = request.readInt16BE(skip(2));
  skip(4);
  assert.equal(varint(), 1 + 1, "one topic");
  skip(varint() - 1);
  assert.equal(varint(), 1 + 1, "one partition");
  skip(4);
  const length = varint() - 1;
  const batch = request.subarray(at, at + length);
  assert.equal(batch.readInt32BE(8), length - 12, "one record batch");
  assert.equal(batch.readInt8(16), 2, "the record batch of Kafka 0.11 and later");
  return {
    acks,
    codec: batch.readInt16BE(21) & 7,
    producerId: batch.readBigInt64BE(43),
    producerEpoch: batch.readInt16BE(51),
    baseSequence: batch.readInt32BE(53),
    count: batch.readInt32BE(57),
    records: batch.subarray(61),
  };
}
