/** A whole program that emits one event to a receiver that is not there, and closes. Prints what is left. */

import { KeyValues } from "../src/log-event.ts";
import { createPipeline } from "../src/pipeline.ts";
import { systemClock, systemRandom } from "../src/system.ts";

const [endpoint = "", end = "close"] = process.argv.slice(2);
const pipeline = await createPipeline(
  {
    wrap: {
      source: "/test",
      tenant: undefined,
      extensions: [],
      fixedExtensions: {},
      data: "attributes",
      order: "subject",
    },
    queue: { kind: "memory", maxBytes: 1 << 20, ring: false },
    sinks: [
      {
        kind: "http",
        name: "default",
        endpoint,
        headers: [],
        batchSize: 1,
        flushIntervalMs: 0,
        contentMode: "structured",
        timeoutMs: 1_000,
        maxInFlight: 1,
        tls: undefined,
        overrides: {},
      },
    ],
    retry: { initialIntervalMs: 60_000, maxIntervalMs: 60_000, maxAgeMs: 3_600_000 },
  },
  { clock: systemClock, random: systemRandom, facts: { record() {} }, onFatal: console.error },
);
await pipeline.emit([
  {
    eventName: "com.acme.tested",
    eventNameOrigin: "field",
    time: undefined,
    observedTime: undefined,
    severityNumber: 0,
    severityText: "",
    body: undefined,
    attributes: new KeyValues(),
    droppedAttributesCount: 0,
    traceId: "",
    spanId: "",
    flags: 0,
    resource: { attributes: new KeyValues() },
    scope: { name: "", version: "" },
    index: 0,
  },
]);
const { remaining } = end === "flush" ? await pipeline.flush(200) : await pipeline.close(200);
console.log(`${remaining} left`);
