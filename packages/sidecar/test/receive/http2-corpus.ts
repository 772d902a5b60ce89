/** Malformed and hostile HTTP/2 and gRPC as raw bytes. */
import { frame } from "./doors.ts";
import { END_HEADERS, END_STREAM, h2Frame, headersFrame, preface, settingsFrame } from "./http2-frames.ts";

/** By name, what is sent on one connection. */
export const http2Corpus: readonly (readonly [name: string, ...frames: readonly Uint8Array[]])[] = [
  ["no HTTP/2 at all", Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n")],
  ["a preface alone", preface],
  ["a cut off preface", preface.subarray(0, 10)],
  ["a frame larger than allowed", preface, settingsFrame, h2Frame(0, 0, 1, Buffer.alloc(40_000))],
  ["DATA on a stream that is not open", preface, settingsFrame, h2Frame(0, 1, 1, Buffer.of(1))],
  ["HEADERS on an even stream", preface, settingsFrame, headersFrame(2, END_HEADERS)],
  ["HEADERS that cannot be decompressed", preface, settingsFrame, h2Frame(1, 5, 1, Buffer.alloc(50, 0xff))],
  ["CONTINUATION without HEADERS", preface, settingsFrame, h2Frame(9, 4, 1, Buffer.alloc(5))],
  [
    "HEADERS without end and endless CONTINUATION",
    preface,
    settingsFrame,
    headersFrame(1, 0),
    ...Array.from({ length: 2000 }, () => h2Frame(9, 0, 1, Buffer.alloc(100))),
  ],
  ["SETTINGS of a length that is none", preface, h2Frame(4, 0, 0, Buffer.alloc(5))],
  ["SETTINGS that are illegal", preface, h2Frame(4, 0, 0, Buffer.from([0, 4, 0xff, 0xff, 0xff, 0xff]))],
  [
    "a window that overflows",
    preface,
    settingsFrame,
    h2Frame(8, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff])),
  ],
  ["PUSH_PROMISE from a client", preface, settingsFrame, h2Frame(5, 4, 1, Buffer.alloc(8))],
  [
    "a flood of PINGs",
    preface,
    settingsFrame,
    ...Array.from({ length: 3000 }, () => h2Frame(6, 0, 0, Buffer.alloc(8))),
  ],
  ["a flood of SETTINGS", preface, ...Array.from({ length: 3000 }, () => settingsFrame)],
  [
    "calls that are reset as soon as they are made",
    preface,
    settingsFrame,
    ...Array.from({ length: 1000 }, (_, i) =>
      Buffer.concat([
        headersFrame(2 * i + 1, END_HEADERS),
        h2Frame(3, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8])),
      ]),
    ),
  ],
  [
    "more calls at once than allowed",
    preface,
    settingsFrame,
    ...Array.from({ length: 300 }, (_, i) => headersFrame(2 * i + 1, END_HEADERS)),
  ],
  ["headers in upper case", preface, settingsFrame, headersFrame(1, 5, [["X-Upper", "1"]])],
  ["a header of HTTP/1", preface, settingsFrame, headersFrame(1, 5, [["connection", "close"]])],
  ["headers named __proto__", preface, settingsFrame, headersFrame(1, 5, [["__proto__", "1"]])],
  [
    "headers beyond the limit",
    preface,
    settingsFrame,
    ...Array.from({ length: 150 }, (_, i) =>
      headersFrame(
        2 * i + 1,
        5,
        Array.from({ length: 200 }, (_, k) => [`a${k}`, "b".repeat(60)] as const),
      ),
    ),
  ],
  [
    "a message whose length lies",
    preface,
    settingsFrame,
    headersFrame(1, END_HEADERS),
    h2Frame(0, END_STREAM, 1, Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1])),
  ],
  [
    "a message in bytes of one frame each",
    preface,
    settingsFrame,
    headersFrame(1, END_HEADERS),
    ...[...frame(Buffer.alloc(300))].map((byte) => h2Frame(0, 0, 1, Buffer.of(byte))),
    h2Frame(0, END_STREAM, 1),
  ],
  [
    "empty DATA without end",
    preface,
    settingsFrame,
    headersFrame(1, END_HEADERS),
    ...Array.from({ length: 2000 }, () => h2Frame(0, 0, 1)),
  ],
  [
    "GOAWAY in the middle of a call",
    preface,
    settingsFrame,
    headersFrame(1, END_HEADERS),
    h2Frame(7, 0, 0, Buffer.alloc(8)),
  ],
  [
    "frames of unknown types",
    preface,
    settingsFrame,
    h2Frame(0xee, 0xff, 5, Buffer.alloc(20)),
    headersFrame(1, 5),
  ],
  ["PRIORITY on itself", preface, settingsFrame, h2Frame(2, 0, 1, Buffer.from([0, 0, 0, 1, 5]))],
  [
    "padding longer than the frame",
    preface,
    settingsFrame,
    headersFrame(1, END_HEADERS),
    h2Frame(0, 8, 1, Buffer.from([200, 1, 2])),
  ],
];
