import type { Clock, Fact, FactRecorder } from "@coresdk/pipeline";
import {
  type Attributes,
  type DiagLogger,
  diag,
  type Meter,
  type MeterProvider,
  metrics,
} from "@opentelemetry/api";
import { runGuarded } from "./failure.ts";

/** The name under which the emitter counts and warns. */
export const INSTRUMENTATION_NAME = "@coresdk/opentelemetry";

/** A fact that goes on happening is logged this often, with the number of times in between. */
const LOG_INTERVAL_MS = 10_000;
/** As many facts, labels and details are told apart. */
const MAX_LOGGED = 512;

interface Instrument {
  record(amount: number, labels: Attributes): void;
}

interface Logged {
  lastMs: number;
  /** Times since then that were not logged. */
  since: number;
}

/** Both are the application's, and a fact may be recorded anywhere: nothing that they throw may go further. */
const ignore = (): void => {};

/**
 * Counts facts with the application's meter provider and logs those that have a level with its diagnostics
 * logger. The provider is looked up anew each time: an application may set it after it made the emitter. Never throws.
 */
export class OtelFactRecorder implements FactRecorder {
  readonly #clock: Clock;
  readonly #logger: DiagLogger = diag.createComponentLogger({ namespace: INSTRUMENTATION_NAME });
  readonly #instruments = new Map<Fact, Instrument>();
  readonly #logged = new Map<string, Logged>();
  #provider: MeterProvider | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  record(fact: Fact, amount = 1, labels: Readonly<Record<string, string>> = {}, detail = ""): void {
    runGuarded(() => this.#instrument(fact).record(amount, { ...labels }), ignore);
    if (fact.level !== undefined) this.#log(fact, fact.level, amount, labels, detail);
  }

  /** Logs a sentence that belongs to no fact. */
  warn(message: string): void {
    runGuarded(() => this.#logger.warn(message), ignore);
  }

  #instrument(fact: Fact): Instrument {
    const provider = metrics.getMeterProvider();
    if (provider !== this.#provider) {
      this.#provider = provider;
      this.#instruments.clear();
    }
    let instrument = this.#instruments.get(fact);
    if (instrument === undefined) {
      instrument = createInstrument(provider.getMeter(INSTRUMENTATION_NAME), fact);
      this.#instruments.set(fact, instrument);
    }
    return instrument;
  }

  #log(
    fact: Fact,
    level: NonNullable<Fact["level"]>,
    amount: number,
    labels: Readonly<Record<string, string>>,
    detail: string,
  ): void {
    const said = fact.logsEach === undefined ? "" : detail;
    const key = `${fact.name} ${Object.values(labels).join(" ")} ${said}`;
    const now = this.#clock.elapsed();
    const logged = this.#logged.get(key);
    if (fact.logsEach !== "time" && logged !== undefined && now - logged.lastMs < LOG_INTERVAL_MS) {
      logged.since += amount;
      return;
    }
    const total = amount + (logged?.since ?? 0);
    // Behind all others, so that the first is the one that was said longest ago.
    this.#logged.delete(key);
    this.#logged.set(key, { lastMs: now, since: 0 });
    const [oldest] = this.#logged.keys();
    if (oldest !== undefined && this.#logged.size > MAX_LOGGED) this.#logged.delete(oldest);
    const words = [
      `${fact.description}: ${total}`,
      ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
    ];
    const line = `${words.join(" ")}${detail === "" ? "" : ` (${detail})`}`;
    runGuarded(() => this.#logger[level](line), ignore);
  }
}

function createInstrument(meter: Meter, fact: Fact): Instrument {
  const options = { unit: fact.unit, description: fact.description };
  if (fact.kind === "counter") {
    const counter = meter.createCounter(fact.name, options);
    return { record: (amount, labels) => counter.add(amount, labels) };
  }
  const gauge =
    fact.kind === "gauge" ? meter.createGauge(fact.name, options) : meter.createHistogram(fact.name, options);
  return { record: (amount, labels) => gauge.record(amount, labels) };
}
