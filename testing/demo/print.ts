import { stripVTControlCharacters, styleText } from "node:util";
import type { CloudEvent } from "@coresdk/cloudevents";
import type { Arrival } from "./receiver.ts";

type Format = Parameters<typeof styleText>[0];

/** Colour where standard output is a terminal that wants it; plain text elsewhere. */
export function paint(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

export function print(line = ""): void {
  process.stdout.write(`${line}\n`);
}

const COLUMNS = { since: 7, type: 28, subject: 30, trace: 10 } as const;

/** The heading of the list of events. */
export function printHeading(): void {
  const cells = ["since", "type", "subject", "trace"] as const;
  print(paint("dim", `  ${cells.map((cell) => pad(cell, COLUMNS[cell])).join("")}data`));
}

/** One line for one event. */
export function printArrival({ event, atMs }: Arrival, startMs: number): void {
  const since = `${((atMs - startMs) / 1000).toFixed(2)}s`;
  const cells = [
    pad(paint("dim", since), COLUMNS.since),
    pad(paint(colourOf(event), shown(event.type)), COLUMNS.type),
    pad(shown(event.subject ?? "-"), COLUMNS.subject),
    pad(paint("cyan", traceIdOf(event).slice(0, 8) || "-"), COLUMNS.trace),
    paint("dim", summarize(event.data)),
  ];
  print(`  ${cells.join("")}`);
}

/** The trace that an event belongs to; `""` when it names none. */
export function traceIdOf(event: CloudEvent): string {
  return event.traceparent?.split("-")[1] ?? "";
}

function colourOf(event: CloudEvent): Format {
  return /\.(denied|suspended|error)$/.test(event.type) ? "yellow" : "green";
}

const ELSEWHERE = new Set(["tenant_id", "user_id", "trace_id", "span_id"]);

/** What of the data stands in no other column. */
function summarize(data: unknown): string {
  if (typeof data !== "object" || data === null) return "";
  const rest = Object.entries(data).filter(([key]) => !ELSEWHERE.has(key));
  return shown(rest.map(([key, value]) => `${key}=${String(value)}`).join(" "));
}

/** What came over the network, fit for a terminal. */
function shown(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, "?");
}

function pad(text: string, width: number): string {
  const length = stripVTControlCharacters(text).length;
  return text + " ".repeat(Math.max(1, width - length));
}
