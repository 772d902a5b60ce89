/** The tracing SDK of OTel JS 2.x under the names of 3.x, as far as the shared programs and tests use it. */
import {
  BatchSpanProcessor as Batch,
  SimpleSpanProcessor as Simple,
  type SpanExporter,
} from "@opentelemetry/sdk-trace-node";

export {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  NodeTracerProvider as TracerProvider,
} from "@opentelemetry/sdk-trace-node";

interface Options {
  readonly exporter: SpanExporter;
}

export class BatchSpanProcessor extends Batch {
  constructor({ exporter }: Options) {
    super(exporter);
  }
}

export class SimpleSpanProcessor extends Simple {
  constructor({ exporter }: Options) {
    super(exporter);
  }
}
