import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after } from "node:test";
import { Secret } from "@coresdk/pipeline";
import { ACCEPTED, type ExportAnswer, type Receiver } from "../../src/contracts.ts";
import { InFlightBudget } from "../../src/receive/budget.ts";
import { startGrpcReceiver } from "../../src/receive/grpc/start.ts";
import { startHttpReceiver } from "../../src/receive/http/start.ts";
import {
  type GrpcReceiverSettings,
  grpcReceiverDefaults,
  type HttpReceiverSettings,
  httpReceiverDefaults,
} from "../../src/receive/settings.ts";
import { createPorts, frame, ManualClock, type RecordingHandler, recordRequests } from "./doors.ts";
import { head } from "./http1-corpus.ts";
import { preface, settingsFrame } from "./http2-frames.ts";

export const HEALTH = "/grpc.health.v1.Health/Check";
const open: Receiver[] = [];
const sockets: Socket[] = [];
after(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(open.map((receiver) => receiver.close(0)));
});

export interface Opening {
  readonly recording?: RecordingHandler;
  readonly budget?: InFlightBudget;
}

function prepare({ recording = recordRequests(), budget = new InFlightBudget(10_000_000) }: Opening) {
  const clock = new ManualClock();
  return { clock, recording, ports: createPorts({ clock, budget }) };
}

export async function openHttp(settings: Partial<HttpReceiverSettings> = {}, opening: Opening = {}) {
  const { clock, recording, ports } = prepare(opening);
  const all = { ...httpReceiverDefaults, port: 0, ...settings };
  const receiver = await startHttpReceiver(all, recording.handler, ports);
  open.push(receiver);
  return { receiver, port: receiver.address.port, ports, clock, came: recording.came };
}

export async function openGrpc(settings: Partial<GrpcReceiverSettings> = {}, opening: Opening = {}) {
  const { clock, recording, ports } = prepare(opening);
  const all = { ...grpcReceiverDefaults, port: 0, ...settings };
  const receiver = await startGrpcReceiver(all, recording.handler, ports);
  open.push(receiver);
  return { receiver, port: receiver.address.port, ports, clock, came: recording.came };
}

export interface Client {
  readonly socket: Socket;
  /** What has come back. */
  text(): string;
  /** Ends when it was closed from the other side. */
  readonly closed: Promise<unknown>;
}

/** Connects, sends, and takes what comes back. */
export async function send(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<Client> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await once(socket, "connect");
  for (const part of parts) socket.write(part);
  return { socket, closed, text: () => Buffer.concat(chunks).toString("latin1") };
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turn();
}

/** Answers nothing until it is told to. */
export function holdRequests() {
  const released = Promise.withResolvers<ExportAnswer>();
  return {
    recording: recordRequests(() => released.promise),
    release: (): void => released.resolve(ACCEPTED),
  };
}

export const request = `${head}content-length: 2\r\n\r\n{}`;
export const lastRequest = request.replace("host: x", "host: x\r\nconnection: close");
export const token = { bearerToken: new Secret("s3cret") };
export const withToken = (text: string): string =>
  text.replace("host: x", "host: x\r\nauthorization: Bearer s3cret");
export const halfRequest = `${head}content-length: 100000\r\n\r\n{`;
export const message = frame(Buffer.of(1));
export const authorization = { authorization: "Bearer s3cret" };
export const begin = Buffer.concat([preface, settingsFrame]);
