/** Floods: what a hostile client sends much of, cheap for it and meant to be dear for the peer. */
import { gzipSync } from "node:zlib";
import { frame } from "../../packages/sidecar/test/receive/doors.ts";
import { head } from "../../packages/sidecar/test/receive/http1-corpus.ts";
import {
  END_HEADERS,
  END_STREAM,
  h2Frame,
  headersFrame,
  preface,
  settingsFrame,
} from "../../packages/sidecar/test/receive/http2-frames.ts";

/** Stands in everything that a client could get logged. */
export const MARKER = "c0ntent-mark3r";

export interface Flood {
  readonly name: string;
  readonly door: "http" | "grpc";
  /** Sent before the rest. */
  readonly start: Uint8Array;
  /** Sent again and again. */
  next(turn: number): Uint8Array;
  readonly turns: number;
  /** The client reads nothing. */
  readonly deaf?: true;
  /** The daemon must end the connection; what is not cut is refused piece by piece. */
  readonly cut?: true;
}

const begin = Buffer.concat([preface, settingsFrame]);
const noWindow = Buffer.concat([preface, h2Frame(4, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]))]);
const CANCEL = Buffer.from([0, 0, 0, 8]);

/** 40 MiB of zeros in some 40 KiB. */
const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024));

/** A name and value put into the header table by the first block, and named by one byte each after it. */
function hpackBomb(stream: number): Buffer {
  const literal = Buffer.concat([
    Buffer.of(0x40, 1, 0x61, 0x7f, 0xad, 0x1d),
    Buffer.alloc(0x7f + 0x2d + 0x1d * 128, 0x62),
  ]);
  return h2Frame(1, END_HEADERS | END_STREAM, stream, Buffer.concat([literal, Buffer.alloc(8000, 0xbe)]));
}

function request(extra: string, body: string): Buffer {
  return Buffer.from(`${head}x-secret: ${MARKER}\r\n${extra}\r\n${body}`);
}

export const floods: readonly Flood[] = [
  {
    name: "rapid reset",
    cut: true,
    door: "grpc",
    start: begin,
    turns: 20_000,
    next: (i) => Buffer.concat([headersFrame(2 * i + 1, END_HEADERS), h2Frame(3, 0, 2 * i + 1, CANCEL)]),
  },
  {
    name: "CONTINUATION without end",
    cut: true,
    door: "grpc",
    start: Buffer.concat([begin, headersFrame(1, 0)]),
    turns: 20_000,
    next: () => h2Frame(9, 0, 1, Buffer.alloc(200)),
  },
  {
    name: "PING, its answers unread",
    cut: true,
    door: "grpc",
    deaf: true,
    start: begin,
    turns: 100_000,
    next: () => h2Frame(6, 0, 0, Buffer.alloc(8)),
  },
  {
    name: "SETTINGS, their answers unread",
    cut: true,
    door: "grpc",
    deaf: true,
    start: begin,
    turns: 100_000,
    next: () => settingsFrame,
  },
  {
    name: "WINDOW_UPDATE and PRIORITY",
    door: "grpc",
    start: begin,
    turns: 50_000,
    next: (i) =>
      Buffer.concat([
        h2Frame(8, 0, 0, Buffer.from([0, 0, 0, 1])),
        h2Frame(2, 0, 2 * (i % 1000) + 1, Buffer.from([0, 0, 0, 0, 1])),
      ]),
  },
  {
    name: "empty DATA",
    cut: true,
    door: "grpc",
    start: Buffer.concat([begin, headersFrame(1, END_HEADERS)]),
    turns: 50_000,
    next: () => h2Frame(0, 0, 1),
  },
  {
    name: "frames of unknown types",
    door: "grpc",
    start: begin,
    turns: 20_000,
    next: (i) => h2Frame(0x20 + (i % 64), 0xff, i % 7, Buffer.alloc(64)),
  },
  {
    name: "headers that name a large one again and again",
    door: "grpc",
    start: begin,
    turns: 2_000,
    next: (i) => hpackBomb(2 * i + 1),
  },
  {
    name: "calls that are never ended",
    cut: true,
    door: "grpc",
    start: begin,
    turns: 5_000,
    next: (i) => headersFrame(2 * i + 1, END_HEADERS, [["x-secret", MARKER]]),
  },
  {
    name: "calls whose answers get no window",
    cut: true,
    door: "grpc",
    deaf: true,
    start: noWindow,
    turns: 5_000,
    next: (i) =>
      Buffer.concat([
        headersFrame(2 * i + 1, END_HEADERS),
        h2Frame(0, END_STREAM, 2 * i + 1, frame(Buffer.from(MARKER))),
      ]),
  },
  {
    name: "gzip bombs in many calls",
    door: "grpc",
    start: begin,
    turns: 60,
    next: (i) => {
      const message = frame(bomb, true);
      const frames = [headersFrame(2 * i + 1, END_HEADERS, [["grpc-encoding", "gzip"]])];
      for (let at = 0; at < message.length; at += 16_384) {
        const part = message.subarray(at, at + 16_384);
        frames.push(h2Frame(0, at + 16_384 < message.length ? 0 : END_STREAM, 2 * i + 1, part));
      }
      return Buffer.concat(frames);
    },
  },
  {
    name: "a header line without end",
    cut: true,
    door: "http",
    start: Buffer.from(`${head}x-secret: ${MARKER}`),
    turns: 5_000,
    next: () => Buffer.alloc(1_000, 0x61),
  },
  {
    name: "header lines without end",
    cut: true,
    door: "http",
    start: Buffer.from(head),
    turns: 20_000,
    next: (i) => Buffer.from(`x-${i}: ${MARKER}\r\n`),
  },
  {
    name: "chunks of one byte with extensions",
    door: "http",
    start: request("transfer-encoding: chunked\r\n", ""),
    turns: 50_000,
    next: () => Buffer.from(`1;${MARKER}=${"x".repeat(60)}\r\nx\r\n`),
  },
  {
    name: "trailers without end",
    cut: true,
    door: "http",
    start: request("transfer-encoding: chunked\r\n", "0\r\n"),
    turns: 20_000,
    next: (i) => Buffer.from(`x-${i}: ${MARKER}\r\n`),
  },
  {
    name: "requests in a row, their answers unread",
    door: "http",
    deaf: true,
    start: Buffer.alloc(0),
    turns: 10_000,
    next: () => request(`content-length: ${MARKER.length}\r\n`, MARKER),
  },
  {
    name: "expectations in a row",
    door: "http",
    deaf: true,
    start: Buffer.alloc(0),
    turns: 5_000,
    next: () => request("expect: 100-continue\r\ncontent-length: 2\r\n", "{}"),
  },
  {
    name: "a gzip bomb on each of many requests",
    door: "http",
    start: Buffer.alloc(0),
    turns: 60,
    next: () =>
      Buffer.concat([request(`content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n`, ""), bomb]),
  },
];
