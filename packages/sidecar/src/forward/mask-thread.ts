/** The thread that masks large requests on their way to the upstream. */
import { workerData } from "node:worker_threads";
import {
  fromPlainMaskSettings,
  type OtlpEncoding,
  type PlainMaskSettings,
  serveTasks,
} from "@coresdk/pipeline/thread";
import type { Signal } from "../contracts.ts";
import { ForwardMasking, type Masked } from "./forward-masking.ts";

export interface MaskTask {
  readonly signal: Signal;
  readonly request: Uint8Array;
  readonly encoding: OtlpEncoding;
  readonly eventsOnly: boolean;
}

const start: PlainMaskSettings = workerData;
const masking = new ForwardMasking(fromPlainMaskSettings(start));

serveTasks<MaskTask, never, never, Masked>(({ signal, request, encoding, eventsOnly }) => ({
  result: masking.mask(signal, request, encoding, eventsOnly),
  transfer: [],
}));
