/**
 * Intake alone: request bytes in, an encoded batch out, 100 events of eight attributes a request. An operation
 * is one event. The floor is what a pipeline in JavaScript pays at least: `JSON.parse` and `JSON.stringify` of
 * the events that come out.
 */
import {
  BatchView,
  compileMask,
  type OtlpEncoding,
  systemClock,
  systemRandom,
  type WrapSettings,
} from "@coresdk/pipeline";
import { createIntake } from "../../packages/pipeline/src/intake.ts";
import { toOtlpJson } from "../otlp/json.ts";
import { decisionRequest } from "../otlp/requests.ts";
import { type CompareOptions, type Figure, keep, measureRow, type Row } from "./measure.ts";

const EVENTS = 100;
const REQUESTS = 50;

const SETTINGS: WrapSettings = {
  source: "https://orders.acme.com",
  tenant: undefined,
  extensions: ["distributed-tracing"],
  fixedExtensions: {},
  data: "attributes",
  order: "subject",
};

function createRows(): Row[] {
  const requests = Array.from({ length: REQUESTS }, (_, seed) => decisionRequest(EVENTS, seed + 1));
  const json = requests.map((request) => Buffer.from(JSON.stringify(toOtlpJson(request))));
  const delivered = requests.map(eventsOf);
  const floor = overEvents(delivered, (texts) => {
    for (const text of texts) keep(JSON.stringify(JSON.parse(text)));
  });
  return [
    { name: "intake protobuf", ours: taking(requests, "protobuf"), peers: [{ peer: "floor", run: floor }] },
    { name: "intake json", ours: taking(json, "json"), peers: [{ peer: "floor", run: floor }] },
  ];
}

/** Takes requests in until `n` events have been made. */
function taking(requests: readonly Uint8Array[], encoding: OtlpEncoding): (n: number) => void {
  // Masked, as it is unless somebody switches that off.
  const ports = { clock: systemClock, random: systemRandom, mask: compileMask(undefined) };
  const intake = createIntake(SETTINGS, ports);
  return overEvents(requests, (request) => keep(intake.intakeRequest(request, encoding)));
}

function overEvents<Item>(items: readonly Item[], work: (item: Item) => void): (n: number) => void {
  let next = 0;
  return (n) => {
    for (let done = 0; done < n; done += EVENTS) {
      const item = items[next];
      next = (next + 1) % items.length;
      if (item !== undefined) work(item);
    }
  };
}

function eventsOf(request: Uint8Array): string[] {
  const intake = createIntake(SETTINGS, { clock: systemClock, random: systemRandom });
  const result = intake.intakeRequest(request, "protobuf");
  if (result instanceof Promise || result.batch === undefined) throw new Error("the corpus has no events");
  const view = new BatchView(new Uint8Array(result.batch.buffer));
  return Array.from({ length: view.count }, (_, i) => Buffer.from(view.event(i)).toString());
}

/** Runs the rows whose name contains `filter` and gives a figure for each row and peer. */
export async function rows(filter = "", options: CompareOptions = {}): Promise<Figure[]> {
  return createRows()
    .filter((row) => row.name.includes(filter))
    .flatMap((row) => measureRow(row, options));
}
