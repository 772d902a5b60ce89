import type { Fact } from "@coresdk/pipeline";

/** What only the in-process front door can observe; the rest are the pipeline's facts. */
export const emitterFacts: Readonly<Record<"lost" | "replaced" | "callbackFailed" | "kept", Fact>> = {
  lost: {
    name: "coresdk.emitter.lost",
    kind: "counter",
    unit: "{event}",
    description: "Events that will not be delivered",
    level: "warn",
  },
  replaced: {
    name: "coresdk.emitter.values_replaced",
    kind: "counter",
    unit: "{value}",
    description:
      "Values replaced, or attributes left out, because they were too many, too large, too deep, cyclic or no data",
    level: "warn",
  },
  callbackFailed: {
    name: "coresdk.emitter.callback_failures",
    kind: "counter",
    unit: "{call}",
    description: "Calls of the application's functions that threw or rejected",
    level: "error",
  },
  kept: {
    name: "coresdk.emitter.kept",
    kind: "counter",
    unit: "{event}",
    description: "Events kept on disk at shutdown, to be delivered after the next start",
    level: "warn",
  },
};
