import { randomBytes } from "node:crypto";
import { after } from "node:test";
import type { Receiver } from "../../src/contracts.ts";
import type { DoorPorts } from "../../src/receive/door.ts";
import { startHttpReceiver } from "../../src/receive/http/start.ts";
import { type HttpReceiverSettings, httpReceiverDefaults } from "../../src/receive/settings.ts";
import { createPorts, type RecordingHandler, recordRequests } from "./doors.ts";

const open: Receiver[] = [];
after(async () => {
  await Promise.all(open.map((receiver) => receiver.close(0)));
});

export async function openDoor(
  settings: Partial<HttpReceiverSettings> = {},
  recording: RecordingHandler = recordRequests(),
  overrides: Partial<DoorPorts> = {},
) {
  const ports = createPorts(overrides);
  const receiver = await startHttpReceiver(
    { ...httpReceiverDefaults, port: 0, ...settings },
    recording.handler,
    ports,
  );
  open.push(receiver);
  const { port } = receiver.address;
  return { receiver, ports, port, url: `http://127.0.0.1:${port}`, came: recording.came };
}

export function post(url: string, body: Uint8Array | string, headers: Record<string, string> = {}) {
  return fetch(url, {
    method: "POST",
    body: typeof body === "string" ? body : new Uint8Array(body),
    headers: { "content-type": "application/x-protobuf", ...headers },
  });
}

export const body = randomBytes(3000);
