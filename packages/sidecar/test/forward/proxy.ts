/** The sidecar's doors in front of a forwarder: what comes in at one end goes out at the other. */
import { after } from "node:test";
import { systemClock } from "@coresdk/pipeline";
import { createForwarder } from "../../src/forward/forwarder.ts";
import type { ForwardSettings } from "../../src/forward/settings.ts";
import { createReceivers, type Receivers } from "../../src/receive/receivers.ts";
import { grpcReceiverDefaults, httpReceiverDefaults } from "../../src/receive/settings.ts";
import { recordFacts } from "../receive/doors.ts";
import type { Upstream } from "./upstreams.ts";

const ended: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const end of ended) await end();
});

/** Opens both doors on free ports; they and the upstream are closed with the test file. */
export async function openProxy(
  upstream: Upstream,
  settings: Partial<ForwardSettings> = {},
): Promise<Receivers> {
  const facts = recordFacts();
  const forwarder = createForwarder({ ...upstream.settings, ...settings }, { clock: systemClock, facts });
  const receivers = await createReceivers(
    {
      maxInFlightBytes: 64 * 1024 * 1024,
      grpc: { ...grpcReceiverDefaults, port: 0 },
      http: { ...httpReceiverDefaults, port: 0 },
    },
    forwarder.forward,
    { clock: systemClock, facts, ready: () => true },
  );
  ended.push(
    () => receivers.close(0),
    () => forwarder.close(0),
    () => upstream.close(),
  );
  return receivers;
}
