import assert from "node:assert/strict";
import type { Pipeline } from "@coresdk/pipeline";

/** What the emitter uses of a pipeline. */
export type PipelineParts = Pick<Pipeline, "emit" | "emitSpan" | "flush" | "close">;

/** A whole pipeline of the parts that the emitter uses. */
export function wholePipeline(parts: PipelineParts): Pipeline {
  const never = (): never => assert.fail("not used by the emitter");
  return {
    ...parts,
    ingest: never,
    health: never,
    watch: never,
    watchDenied: never,
    policy: never,
    get queue(): never {
      return never();
    },
  };
}
