/** What a user of `@coresdk/pipeline` writes: a store on disk, with its thread, and delivery over HTTP. */
import { createPipeline, systemClock, systemRandom } from "@coresdk/pipeline";

const [endpoint = "", dir = ""] = process.argv.slice(2);
const pipeline = await createPipeline(
  {
    wrap: {
      source: "https://orders.acme.com",
      tenant: "acme",
      extensions: ["distributed-tracing"],
      fixedExtensions: {},
      data: "attributes",
      order: "subject",
    },
    queue: { kind: "disk", dir, durability: "sync", maxBytes: 64 * 1024 * 1024, ring: false },
    sinks: [
      {
        kind: "http",
        name: "default",
        endpoint,
        headers: [],
        batchSize: 1,
        flushIntervalMs: 0,
        contentMode: "structured",
        timeoutMs: 30_000,
        maxInFlight: 4,
        tls: undefined,
        overrides: {},
      },
    ],
    retry: { initialIntervalMs: 100, maxIntervalMs: 1_000, maxAgeMs: 60_000 },
  },
  {
    clock: systemClock,
    random: systemRandom,
    facts: { record() {} },
    onFatal: (error) => console.error(error),
  },
);
const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ eventName: "io.coresdk.error" }] }] }] };
const { appended, result } = await pipeline.ingest(Buffer.from(JSON.stringify(request)), "json");
const { remaining } = await pipeline.close(20_000);
const entries = [import.meta.resolve("@coresdk/pipeline")];
console.log(JSON.stringify({ committed: appended.committed, events: result.events, remaining, entries }));
