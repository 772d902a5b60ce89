/** What is measured at each reading of `/metrics`: the queue, the sinks, the process. */
import type { QueueStats, SinkHealth } from "@coresdk/pipeline";
import type { Gauge, Measurement, Metrics } from "./metrics.ts";

const gauges = {
  queueEvents: gauge("coresdk.queue.events", "{event}", "Events stored and not settled by every sink"),
  queueBytes: gauge("coresdk.queue.size", "By", "Bytes stored, dead letters included"),
  queueMaxBytes: gauge("coresdk.queue.limit", "By", "Bytes that may be stored"),
  queueAge: gauge("coresdk.queue.oldest.age", "s", "Age of the oldest stored event"),
  deadLetters: gauge("coresdk.queue.dead_letters", "{event}", "Events kept as dead letters"),
  pending: gauge("coresdk.sink.pending", "{event}", "Events that a sink has still to settle"),
  sinkReady: gauge("coresdk.sink.ready", "1", "1 while a sink takes events, else 0"),
  memory: gauge("process.memory.usage", "By", "Resident memory of the process"),
  heap: gauge("v8js.memory.heap.used", "By", "Used heap of the main thread"),
  cpu: { ...gauge("process.cpu.time", "s", "CPU time of the process, all threads"), sum: true },
  uptime: gauge("process.uptime", "s", "Time since the process started"),
} as const satisfies Record<string, Gauge>;

/** What is measured beside the process. */
export interface Measured {
  stats(): Promise<QueueStats>;
  health(): readonly SinkHealth[];
}

/** Registers them. */
export function observeSidecar(metrics: Metrics, measured: Measured, now: () => number): void {
  metrics.observe(Object.values(gauges), async () => {
    const stats = await measured.stats();
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    const oldest = stats.oldestAcceptedAtMs;
    const measurements: Measurement[] = [
      { gauge: gauges.queueEvents, value: stats.events },
      { gauge: gauges.queueBytes, value: stats.bytes },
      { gauge: gauges.queueMaxBytes, value: stats.maxBytes },
      { gauge: gauges.queueAge, value: oldest === undefined ? 0 : Math.max(0, now() - oldest) / 1_000 },
      { gauge: gauges.deadLetters, value: stats.deadLetters },
      { gauge: gauges.memory, value: rss },
      { gauge: gauges.heap, value: heapUsed },
      { gauge: gauges.cpu, value: (user + system) / 1_000_000 },
      { gauge: gauges.uptime, value: process.uptime() },
    ];
    for (const [sink, value] of Object.entries(stats.pending)) {
      measurements.push({ gauge: gauges.pending, value, labels: { sink } });
    }
    for (const { name, state } of measured.health()) {
      measurements.push({
        gauge: gauges.sinkReady,
        value: state === "ready" ? 1 : 0,
        labels: { sink: name },
      });
    }
    return measurements;
  });
}

function gauge(name: string, unit: string, description: string): Gauge {
  return { name, unit, description };
}
