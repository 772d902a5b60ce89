/** Decompression that never makes more than it may: the size is checked as the bytes come out, before they are kept. */
import { createGunzip, gunzipSync } from "node:zlib";
import { Chunks } from "../protocol/chunks.ts";
import type { Lease } from "./budget.ts";

export type Decompressed =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "too_large" }
  /** The doors' common budget has no room for it now. */
  | { readonly kind: "no_budget" }
  /** Not gzip, damaged or cut off. */
  | { readonly kind: "corrupt" };

/**
 * Up to these sizes a message is decompressed on the spot, which costs less than handing it to another
 * thread: at most about 2 ms.
 */
const SYNC_INPUT_BYTES = 64 * 1024;
const SYNC_OUTPUT_BYTES = 1024 * 1024;

const OUTPUT_CHUNK_BYTES = 64 * 1024;

/** Decompresses gzip; the lease grows to the decompressed size. */
export async function gunzip(compressed: Buffer, maxBytes: number, lease: Lease): Promise<Decompressed> {
  if (compressed.length <= SYNC_INPUT_BYTES) {
    const onTheSpot = gunzipOnTheSpot(compressed, Math.min(maxBytes, SYNC_OUTPUT_BYTES), lease);
    if (onTheSpot.kind !== "too_large" || maxBytes <= SYNC_OUTPUT_BYTES) return onTheSpot;
  }
  return gunzipInParts(compressed, maxBytes, lease);
}

function gunzipOnTheSpot(compressed: Buffer, maxBytes: number, lease: Lease): Decompressed {
  try {
    const bytes = gunzipSync(compressed, { maxOutputLength: maxBytes });
    return lease.hold(bytes.length) ? { kind: "bytes", bytes } : { kind: "no_budget" };
  } catch (error) {
    const tooLarge = error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return { kind: tooLarge ? "too_large" : "corrupt" };
  }
}

function gunzipInParts(compressed: Buffer, maxBytes: number, lease: Lease): Promise<Decompressed> {
  return new Promise((resolve) => {
    const chunks = new Chunks();
    const stream = createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES });
    const stop = (outcome: Decompressed): void => {
      stream.destroy();
      chunks.clear();
      resolve(outcome);
    };
    stream.on("data", (chunk: Buffer) => {
      const total = chunks.byteLength + chunk.length;
      if (total > maxBytes) stop({ kind: "too_large" });
      else if (!lease.hold(total)) stop({ kind: "no_budget" });
      else chunks.push(chunk);
    });
    stream.on("end", () => resolve({ kind: "bytes", bytes: chunks.join() }));
    stream.on("error", () => stop({ kind: "corrupt" }));
    stream.end(compressed);
  });
}
