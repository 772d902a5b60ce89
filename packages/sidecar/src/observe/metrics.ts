/** Metrics with OpenTelemetry's names, read as Prometheus' text when somebody asks. */
import type { Attributes, Meter, Observable } from "@opentelemetry/api";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";

/** Reads when it is asked and not by a clock. */
class PullReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** A value that is measured when somebody reads. */
export interface Gauge {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** A sum that only grows; a gauge when left out. */
  readonly sum?: boolean;
}

/** One measured value. */
export interface Measurement {
  readonly gauge: Gauge;
  readonly value: number;
  readonly labels?: Attributes;
}

export interface Metrics {
  readonly meter: Meter;
  /** Measures these gauges at each reading, all in one go. */
  observe(gauges: readonly Gauge[], measure: () => Promise<readonly Measurement[]>): void;
  /** The Prometheus text format, version 0.0.4. */
  render(): Promise<string>;
}

export function createMetrics(): Metrics {
  const reader = new PullReader();
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter("@coresdk/sidecar");
  // Neither scope nor target info: there is one of each, and every series would carry it.
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  return {
    meter,
    observe(gauges, measure) {
      const instruments = new Map<Gauge, Observable>();
      for (const gauge of gauges) {
        const { name, unit, description } = gauge;
        const instrument =
          gauge.sum === true
            ? meter.createObservableCounter(name, { unit, description })
            : meter.createObservableGauge(name, { unit, description });
        instruments.set(gauge, instrument);
      }
      meter.addBatchObservableCallback(
        async (result) => {
          for (const { gauge, value, labels } of await measure()) {
            const instrument = instruments.get(gauge);
            if (instrument !== undefined) result.observe(instrument, value, labels);
          }
        },
        [...instruments.values()],
      );
    },
    async render() {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw new AggregateError(errors, "metrics could not be read");
      return serializer.serialize(resourceMetrics);
    },
  };
}
