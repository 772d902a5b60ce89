import type { Clock, Fact, FactRecorder } from "@coresdk/pipeline";
import type { Meter } from "@opentelemetry/api";
import type { Logger } from "./logger.ts";
import { createRateLimit } from "./rate-limit.ts";

type Labels = Readonly<Record<string, string>>;

/** Seconds, from a sync of a fast disk to a time-out. */
const SECONDS_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Counts every fact, and logs those that have a level, most at most once in ten seconds, by labels or by detail. */
export function createRecorder(meter: Meter, logger: Logger, clock: Clock): FactRecorder {
  const instruments = new Map<Fact, (amount: number, labels: Labels | undefined) => void>();
  const limit = createRateLimit(clock);

  const count = (fact: Fact, amount: number, labels: Labels | undefined): void => {
    let record = instruments.get(fact);
    if (record === undefined) {
      record = createInstrument(meter, fact);
      instruments.set(fact, record);
    }
    record(amount, labels);
  };

  return {
    record(fact, amount = 1, labels, detail) {
      count(fact, amount, labels);
      const { level } = fact;
      if (level === undefined || !logger.isLevelEnabled(level)) return;
      const say = (keptBack: number): void => {
        const message = detail ? `${fact.description}: ${detail}` : fact.description;
        const repeated = keptBack === 0 ? {} : { repeated: keptBack };
        logger[level]({ fact: fact.name, amount, ...labels, ...repeated }, message);
      };
      if (fact.logsEach === "time") return say(0);
      const kind = JSON.stringify(fact.logsEach === "detail" ? [labels, detail] : (labels ?? ""));
      limit.pass(fact.name + kind, say);
    },
  };
}

function createInstrument(meter: Meter, fact: Fact): (amount: number, labels: Labels | undefined) => void {
  const { name, unit, description } = fact;
  switch (fact.kind) {
    case "counter": {
      const counter = meter.createCounter(name, { unit, description });
      return (amount, labels) => counter.add(amount, labels);
    }
    case "gauge": {
      const gauge = meter.createGauge(name, { unit, description });
      return (amount, labels) => gauge.record(amount, labels);
    }
    case "histogram": {
      const advice = unit === "s" ? { explicitBucketBoundaries: SECONDS_BUCKETS } : {};
      const histogram = meter.createHistogram(name, { unit, description, advice });
      return (amount, labels) => histogram.record(amount, labels);
    }
  }
}
