import type { TestContext } from "node:test";
import { type Receiver, startReceiver } from "../../../testing/e2e/receiver.ts";

/** A receiver of events that ends with the test. */
export async function openReceiver(t: TestContext, status = 200): Promise<Receiver> {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  receiver.answer(() => status);
  return receiver;
}
