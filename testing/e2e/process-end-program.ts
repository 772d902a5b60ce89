/** A program with an emitter that ends in one of many ways; it prints what it is told of losses. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudEventEmitter } from "@coresdk/opentelemetry";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { LoggerProvider } from "@opentelemetry/sdk-logs";

const { RECEIVER = "", DIR, END, FLUSH_TIMEOUT_MS = "10000" } = process.env;

const print =
  (level: string) =>
  (message: string, ...args: unknown[]): void => {
    process.stdout.write(`${[level, message, ...args].join(" ")}\n`);
  };
const silent = (): void => {};
diag.setLogger(
  { error: print("error"), warn: print("warn"), info: silent, debug: silent, verbose: silent },
  { logLevel: DiagLogLevel.WARN },
);

const emitter = new CloudEventEmitter({
  source: "https://orders.acme.com",
  binding: { kind: "http", endpoint: RECEIVER, batchSize: 50, flushSecs: 3_600 },
  flushTimeoutMs: Number(FLUSH_TIMEOUT_MS),
  onLoss: ({ reason, count }) => process.stdout.write(`lost ${count} ${reason}\n`),
  ...(DIR === undefined ? {} : { queue: { dir: DIR } }),
});
const provider = new LoggerProvider({ processors: [emitter] });
const logger = provider.getLogger("orders");
const emit = (eventName: string): void => logger.emit({ eventName });

const ends = new Map<string | undefined, () => unknown>([
  ["exit", () => process.exit(3)],
  [
    "throw",
    () => {
      throw new Error("a defect of the application's");
    },
  ],
  ["shutdown", shutDown],
  [
    "shutdown and exit",
    () => {
      void provider.shutdown();
      process.exit();
    },
  ],
  ["emit last", () => process.once("beforeExit", () => emitLast())],
]);

async function shutDown(): Promise<void> {
  await provider.shutdown();
  const [beforeExit, exit] = [process.listenerCount("beforeExit"), process.listenerCount("exit")];
  process.stdout.write(`${beforeExit} ${exit} listeners\n`);
}

async function emitLast(): Promise<void> {
  emit("com.acme.last");
  // What was there before is being delivered by now.
  await nextTurn();
  emit("com.acme.last");
}

for (let i = 0; i < 10; i++) emit("com.acme.step");
await ends.get(END)?.();
