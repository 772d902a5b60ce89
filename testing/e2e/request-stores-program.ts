/**
 * An application that emits and flushes within requests, each with a store of an `AsyncLocalStorage`; it prints which of
 * those stores are alive still when nothing of its own holds one. Needs `--expose-gc`.
 */
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudEventEmitter } from "@coresdk/opentelemetry";
import { LoggerProvider } from "@opentelemetry/sdk-logs";

/** Turns of collection after which what is alive stays so. */
const TURNS = 20;

const { RECEIVER = "" } = process.env;
const requests = new AsyncLocalStorage<object>();
const stores = new Map<string, WeakRef<object>>();

function serve<Result>(name: string, request: () => Result): Result {
  const store = { name };
  stores.set(name, new WeakRef(store));
  return requests.run(store, request);
}

async function report(when: string): Promise<void> {
  const { gc } = globalThis;
  assert.ok(gc !== undefined, "needs --expose-gc");
  for (let i = 0; i < TURNS; i++) {
    await nextTurn();
    gc();
  }
  const alive = [...stores].filter(([, store]) => store.deref() !== undefined).map(([name]) => name);
  process.stdout.write(`${when}: ${alive.join(", ") || "none"}\n`);
}

const emitter = serve("made", () => {
  return new CloudEventEmitter({
    source: "https://orders.acme.com",
    binding: { kind: "http", endpoint: RECEIVER },
  });
});
// Its own promises are the SDK's affair.
const provider = new LoggerProvider({ processors: [emitter] });
const logger = provider.getLogger("orders");
for (const name of ["first", "second"]) serve(name, () => logger.emit({ eventName: "com.acme.step" }));
await provider.forceFlush();
await report("after the delivery");
for (const name of ["flush", "flush again"]) await serve(name, () => provider.forceFlush());
await report("after flushes in requests");
await serve("shutdown", () => provider.shutdown());
await report("after the shutdown");
