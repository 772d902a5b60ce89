import type { TestContext } from "node:test";
import type { EmitterOptions } from "@coresdk/opentelemetry";
import { type Receiver, startReceiver } from "./receiver.ts";

/** The source of the events of an emitter in a test. */
export const source = "https://orders.acme.com";

/** A receiver that ends with the test. */
export async function receive(t: TestContext): Promise<Receiver> {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  return receiver;
}

/** Options of an emitter that delivers there. */
export function emitTo(
  receiver: { readonly url: string },
  options: Partial<EmitterOptions> = {},
): EmitterOptions {
  return { source, binding: { kind: "http", endpoint: receiver.url }, ...options };
}
