/** The thread that masks large requests on their way to the upstream. */
import { workerData } from "node:worker_threads";
import { type MaskSettings, type OtlpEncoding, Secret, serveTasks } from "@coresdk/pipeline";
import type { Signal } from "../contracts.ts";
import { ForwardMasking, type Masked } from "./forward-masking.ts";

/** What the thread is started with: settings as they can be copied. */
export type MaskThreadStart = Omit<MaskSettings, "literals"> & { readonly literals: readonly string[] };

export interface MaskTask {
  readonly signal: Signal;
  readonly request: Uint8Array;
  readonly encoding: OtlpEncoding;
  readonly eventsOnly: boolean;
}

const start: MaskThreadStart = workerData;
const masking = new ForwardMasking({
  ...start,
  literals: start.literals.map((literal) => new Secret(literal)),
});

serveTasks<MaskTask, never, never, Masked>(({ signal, request, encoding, eventsOnly }) => ({
  result: masking.mask(signal, request, encoding, eventsOnly),
  transfer: [],
}));
