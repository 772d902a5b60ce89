/** A whole program that emits one event to a receiver that is not there, and closes. Prints what is left. */
import { createPipeline } from "../src/pipeline.ts";
import { systemClock, systemRandom } from "../src/system.ts";
import { httpSettings } from "./deliver/http/open-sink.ts";
import { logEvent, settingsOf } from "./intake/take-in.ts";

const [endpoint = "", end = "close"] = process.argv.slice(2);
const pipeline = await createPipeline(
  {
    wrap: settingsOf(),
    queue: { kind: "memory", maxBytes: 1 << 20, ring: false },
    sinks: [httpSettings(endpoint, { timeoutMs: 1_000 })],
    retry: { initialIntervalMs: 60_000, maxIntervalMs: 60_000, maxAgeMs: 3_600_000 },
  },
  { clock: systemClock, random: systemRandom, facts: { record() {} }, onFatal: console.error },
);
await pipeline.emit([logEvent()]);
const { remaining } = end === "flush" ? await pipeline.flush(200) : await pipeline.close(200);
console.log(`${remaining} left`);
