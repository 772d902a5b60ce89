/** What the services of the end-to-end tests do, whichever major of OTel JS they use. */

export type Protocol = "grpc" | "http/protobuf" | "http/json";

export interface ServiceRecord {
  readonly eventName?: string;
  readonly timestamp?: [number, number];
  readonly body?: string;
  readonly attributes?: Record<string, string | number>;
}

/** The parts of an SDK that a service uses, set up to export over OTLP. */
export interface ServiceSdk {
  /** Emits within the one span that the service makes, or outside of any. */
  emit(record: ServiceRecord, within: boolean): void;
  /** Makes and ends the span; gives its ids. */
  trace(name: string): { readonly traceId: string; readonly spanId: string };
  count(name: string, amount: number): void;
  flushLogs(): Promise<void>;
  shutdown(): Promise<void>;
}

/** When the first event happened; 123 nanoseconds that no double of milliseconds holds. */
export const EVENT_TIME: [number, number] = [1_773_930_900, 123];

/** What the service says about itself when it is done, as JSON on standard output. */
export interface ServiceReport {
  readonly traceId: string;
  readonly spanId: string;
}

export async function runService(sdk: ServiceSdk): Promise<void> {
  const span = sdk.trace("POST /orders");
  // An export that holds no event at all.
  sdk.emit({ body: "service started" }, false);
  await sdk.flushLogs();
  // One that holds both.
  const who = { "coresdk.tenant_id": "acme", "coresdk.user_id": "usr_2xK9" };
  sdk.emit(
    {
      eventName: "io.coresdk.policy.decision",
      timestamp: EVENT_TIME,
      attributes: {
        ...who,
        "coresdk.policy.action": "orders:create",
        "coresdk.policy.result": "allowed",
        "coresdk.policy.latency_us": 43,
      },
    },
    true,
  );
  sdk.emit({ body: "order taken" }, true);
  sdk.emit(
    { eventName: "com.acme.order.created", body: "order 42", attributes: { ...who, total: 9.5 } },
    true,
  );
  sdk.emit(
    { body: "by attribute", attributes: { "otel.event.name": "com.acme.named", "tenant.id": "acme" } },
    false,
  );
  await sdk.flushLogs();
  sdk.count("orders", 1);
  await sdk.shutdown();
  const report: ServiceReport = span;
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

/** The protocol that the test asks for. */
export function readProtocol(): Protocol {
  const protocol = process.env["OTEL_EXPORTER_OTLP_PROTOCOL"];
  if (protocol === "grpc" || protocol === "http/protobuf" || protocol === "http/json") return protocol;
  throw new Error(`OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}`);
}
