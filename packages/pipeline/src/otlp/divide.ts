/**
 * A request without its events, by copying the bytes of everything else (semantics, section 1). The two
 * envelopes around a record get new lengths; their other fields, unknown ones included, stay as they were,
 * in their order. An envelope which held events only goes with them.
 */
import { WireReader } from "./wire.ts";

/** Tags in the request and in ResourceLogs of the fields that hold the next envelope; in ScopeLogs, of a record. */
const ENVELOPE_TAGS = [10, 18, 18] as const;
const RECORD_LEVEL = 2;
const MESSAGES = ["ExportLogsServiceRequest", "ResourceLogs", "ScopeLogs"] as const;

/** Bytes to copy, in order, and how many they are. */
interface Kept {
  readonly pieces: Uint8Array[];
  size: number;
  /** Records, or envelopes of records, that stay here. */
  stayed: number;
}

/**
 * @param request a request that was decoded before
 * @param events places of the events among all records, ascending
 * @returns the request without them
 */
export function divideLogs(request: Uint8Array, events: readonly number[]): Uint8Array {
  const divider = new Divider(request, events);
  const { pieces, size } = divider.keep(0, request.length);
  return Buffer.concat(pieces, size);
}

class Divider {
  readonly #reader: WireReader;
  readonly #events: readonly number[];
  #record = 0;
  #next = 0;

  constructor(request: Uint8Array, events: readonly number[]) {
    this.#reader = new WireReader(request, MESSAGES[0]);
    this.#events = events;
  }

  /** What stays of the message between the reader's position and `end`. Level 0 is the request, 2 ScopeLogs. */
  keep(level: 0 | 1 | 2, end: number): Kept {
    const reader = this.#reader;
    const kept: Kept = { pieces: [], size: 0, stayed: 0 };
    // A run of fields that stay as they are is one piece.
    let runAt = reader.pos;
    while (reader.pos < end) {
      reader.within = MESSAGES[level];
      const fieldAt = reader.pos;
      const tag = reader.tag(end);
      if (tag !== ENVELOPE_TAGS[level]) {
        reader.skip(tag, end);
        continue;
      }
      const stop = reader.stop(end);
      const inner = level === RECORD_LEVEL ? this.#keepRecord(stop) : this.#keepEnvelope(level, stop);
      if (inner === "whole") {
        kept.stayed += 1;
        continue;
      }
      copy(kept, reader.bytes, runAt, fieldAt);
      runAt = stop;
      if (inner === "nothing") continue;
      const head = frame(tag, inner.size);
      kept.pieces.push(head);
      // One by one: as arguments of one call, the pieces of a large request would overflow the stack.
      for (const piece of inner.pieces) kept.pieces.push(piece);
      kept.size += head.length + inner.size;
      kept.stayed += 1;
    }
    copy(kept, reader.bytes, runAt, end);
    return kept;
  }

  #keepRecord(stop: number): "whole" | "nothing" {
    this.#reader.pos = stop;
    if (this.#events[this.#next] !== this.#record++) return "whole";
    this.#next += 1;
    return "nothing";
  }

  #keepEnvelope(level: 0 | 1, stop: number): Kept | "whole" | "nothing" {
    const before = this.#next;
    const inner = this.keep(level === 0 ? 1 : 2, stop);
    if (this.#next === before) return "whole";
    return inner.stayed === 0 ? "nothing" : inner;
  }
}

function copy(kept: Kept, bytes: Buffer, start: number, end: number): void {
  if (start === end) return;
  kept.pieces.push(bytes.subarray(start, end));
  kept.size += end - start;
}

/** A tag of one byte and a length. */
function frame(tag: number, length: number): Uint8Array {
  const bytes = [tag];
  let rest = length;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
