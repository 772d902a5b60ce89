/** The in-process front door on OTel JS 3.x; `testing-otel2` runs it on 2.x as well. */
import { CloudEventEmitter, eventFromSpan } from "@coresdk/opentelemetry";
import {
  context,
  createTraceState,
  DiagLogLevel,
  diag,
  metrics,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider } from "@opentelemetry/sdk-logs";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { testDirectories } from "./in-process-directories.ts";
import { testLogs } from "./in-process-logs.ts";
import { testLoops } from "./in-process-loops.ts";
import type { Sdk, SpanContextInit, SpanInit } from "./in-process-sdk.ts";
import { testSpans } from "./in-process-spans.ts";

function contextOf(span: SpanContextInit | undefined) {
  if (span === undefined) return ROOT_CONTEXT;
  const { traceState, ...rest } = span;
  const state = traceState === undefined ? {} : { traceState: createTraceState(traceState) };
  return trace.setSpanContext(ROOT_CONTEXT, { ...rest, ...state, isRemote: true });
}

const sdk: Sdk = {
  CloudEventEmitter,
  eventFromSpan,
  createLogs(emitter, resource) {
    const provider = new LoggerProvider({
      resource: resource === undefined ? defaultResource() : resourceFromAttributes(resource),
      processors: [emitter],
    });
    const logger = provider.getLogger("orders", "1.0");
    return {
      emit: ({ within, ...record }) => logger.emit({ ...record, context: contextOf(within) }),
      forceFlush: () => provider.forceFlush(),
      shutdown: () => provider.shutdown(),
    };
  },
  createTraces(emitter, { sampled = true, resource = {} } = {}) {
    const provider = new TracerProvider({
      resource: resourceFromAttributes(resource),
      sampler: sampled ? new AlwaysOnSampler() : new AlwaysOffSampler(),
      spanProcessors: [emitter],
    });
    const tracer = provider.getTracer("orders");
    const start = ({ name, attributes, events, startTime, server, failed, parent }: SpanInit) => {
      const options = {
        kind: server === true ? SpanKind.SERVER : SpanKind.INTERNAL,
        ...(attributes === undefined ? {} : { attributes }),
        ...(startTime === undefined ? {} : { startTime }),
      };
      const span = tracer.startSpan(name, options, contextOf(parent));
      for (const event of events ?? []) span.addEvent(event.name, event.attributes);
      if (failed !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failed });
      return span;
    };
    return {
      start,
      trace(init) {
        const span = start(init);
        span.end(init.endTime);
        return span;
      },
      forceFlush: () => provider.forceFlush(),
      shutdown: () => provider.shutdown(),
    };
  },
  captureDiagnostics(lines) {
    const log =
      (level: string) =>
      (message: string, ...args: unknown[]) => {
        lines.push([level, message, ...args].join(" "));
      };
    const logger = {
      error: log("error"),
      warn: log("warn"),
      info: log("info"),
      debug: log("debug"),
      verbose: log("verbose"),
    };
    diag.setLogger(logger, { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true });
    return () => diag.disable();
  },
  captureMetrics() {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
    metrics.setGlobalMeterProvider(provider);
    return {
      async read() {
        await provider.forceFlush();
        const sums: Record<string, number> = {};
        for (const { metrics: list } of exporter.getMetrics().at(-1)?.scopeMetrics ?? []) {
          for (const { descriptor, dataPoints } of list) {
            for (const { value } of dataPoints) {
              if (typeof value === "number") sums[descriptor.name] = (sums[descriptor.name] ?? 0) + value;
            }
          }
        }
        return sums;
      },
      async end() {
        metrics.disable();
        await provider.shutdown();
      },
    };
  },
  instrumentUndici(spans) {
    const exporter = new InMemorySpanExporter();
    const provider = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: recordNames(exporter, spans) })],
    });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const instrumentation = new UndiciInstrumentation();
    instrumentation.setTracerProvider(provider);
    instrumentation.enable();
    return async () => {
      instrumentation.disable();
      context.disable();
      await provider.shutdown();
    };
  },
  instrumentUndiciInto(emitter) {
    const provider = new TracerProvider({ spanProcessors: [emitter] });
    const instrumentation = new UndiciInstrumentation();
    instrumentation.setTracerProvider(provider);
    instrumentation.enable();
    return {
      trace: (name) => provider.getTracer("orders").startSpan(name).end(),
      async end() {
        instrumentation.disable();
        await provider.shutdown();
      },
    };
  },
};

/** The exporter, with each span's name noted as it is exported. */
function recordNames(exporter: InMemorySpanExporter, names: string[]): InMemorySpanExporter {
  const exportSpans = exporter.export.bind(exporter);
  exporter.export = (spans, done) => {
    names.push(...spans.map(({ name }) => name));
    exportSpans(spans, done);
  };
  return exporter;
}

testLogs(sdk);
testDirectories(sdk);
testSpans(sdk);
testLoops(sdk);
