import type { TestContext } from "node:test";
import type { SidecarStatus } from "../../src/control/protocol.ts";
import { type Control, openControl } from "../../src/control/server.ts";
import { EventsOfTest } from "./events.ts";

const STATUS: SidecarStatus = {
  version: "1.2.3",
  pid: 1,
  startedAt: "2026-01-01T00:00:00Z",
  listen: { grpc: undefined, http: undefined, admin: { host: "127.0.0.1", port: 9 } },
  details: {},
};

/** The control socket of a queue directory, until the test ends. */
export async function open(
  t: TestContext,
  directory: string,
  events: EventsOfTest = new EventsOfTest(),
  reloaded: { ok: boolean; message: string } = { ok: true, message: "reloaded" },
): Promise<Control> {
  const control = await openControl(directory, {
    events,
    denied: events,
    status: async () => STATUS,
    reload: async () => reloaded,
  });
  t.after(() => control.close());
  return control;
}
