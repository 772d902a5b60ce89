/** A program with an emitter, to be bundled; it prints what it is told of losses and what diagnostics say. */
import { CloudEventEmitter } from "@coresdk/opentelemetry";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { LoggerProvider } from "@opentelemetry/sdk-logs";

const { RECEIVER = "", DIR = "", KIND } = process.env;

const print = (message: string, ...args: unknown[]): void => {
  process.stdout.write(`${[message, ...args].join(" ")}\n`);
};
const silent = (): void => {};
diag.setLogger(
  { error: print, warn: print, info: silent, debug: silent, verbose: silent },
  { logLevel: DiagLogLevel.WARN },
);

const emitter = new CloudEventEmitter({
  source: "https://orders.acme.com",
  binding:
    KIND === "kafka"
      ? { kind: "kafka", brokers: ["127.0.0.1:1"], topic: "events" }
      : { kind: "http", endpoint: RECEIVER },
  ...(KIND === "disk" ? { queue: { dir: DIR } } : {}),
  ...(KIND === "policy" ? { policy: { package: "acme/egress", dir: DIR } } : {}),
  flushTimeoutMs: 1_000,
});
const provider = new LoggerProvider({ processors: [emitter] });
provider.getLogger("orders").emit({ eventName: "com.acme.step" });
provider.shutdown().catch(print);
