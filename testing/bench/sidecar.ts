/**
 * The row `sidecar http`: OTLP/HTTP protobuf in, CloudEvents batches over HTTP out, disk queue synced. Rates are
 * events per CPU second of the process tree under test; load and receiver are processes of their own and are left
 * out. Every round ends when each event that was acknowledged has arrived, so that delivery is in the figures and
 * a loss cannot go unseen.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackages } from "../../scripts/pack.ts";
import { repositoryRoot } from "../components.ts";
import { startSidecar } from "../e2e/sidecar-process.ts";
import { type Figure, median, type Target } from "./measure.ts";
import type { FloorAnswer, FloorQuestion } from "./sidecar/floor.ts";
import type { LoadAnswer, LoadQuestion } from "./sidecar/load.ts";
import { canMeasureProcesses, cpuSeconds, peakMemoryMiB } from "./sidecar/process-usage.ts";
import type { ReceiverAnswer, ReceiverQuestion } from "./sidecar/receiver.ts";
import { startWorker, type Worker } from "./sidecar/worker.ts";

const name = "sidecar http";
const batchSize = 100;
const eventsPerRequest = 100;
/** Rounds until the compilers of both contenders have little left to do: a daemon runs for days. */
const warmUpRounds = 3;

/** What `--check` asks for. */
export const targets: readonly Target[] = [
  { name, peer: "idiomatic stack", atLeast: 3 },
  { name, peer: "floor", atLeast: 0.25 },
];

/** The most memory that the sidecar may have resident. */
export const memoryLimitMiB = 256;

export interface SidecarFigures {
  readonly figures: readonly Figure[];
  /** The sidecar's peak, `undefined` when it was not measured. */
  readonly peakMemoryMiB: number | undefined;
  /** What else is worth saying, a sentence each. */
  readonly notes: readonly string[];
}

export interface SidecarOptions {
  readonly rounds?: number;
  /** A minute at saturation after the rounds, for the memory. */
  readonly long?: boolean;
}

/** A process under test. */
interface Contender {
  readonly pid: number;
  readonly origin: string;
  readonly requestsPerRound: number;
  stop(): Promise<unknown>;
}

interface Bench {
  readonly load: Worker<LoadQuestion, LoadAnswer>;
  readonly receiver: Worker<ReceiverQuestion, ReceiverAnswer>;
  /** Two, asked at once: a CPU second is worth less while the other core is busy, as it is in every round. */
  readonly floors: readonly Worker<FloorQuestion, FloorAnswer>[];
  readonly url: string;
  readonly folder: string;
}

/** Measures the row; gives no figure where the system does not say what another process uses. */
export async function measureSidecar(options: SidecarOptions = {}): Promise<SidecarFigures> {
  if (!canMeasureProcesses()) {
    return { figures: [], peakMemoryMiB: undefined, notes: [`${name} is left out: there is no /proc here`] };
  }
  const folder = await mkdtemp(join(tmpdir(), "coresdk-bench-"));
  const script = (path: string): string => join(import.meta.dirname, path);
  const receiver = await startWorker<ReceiverQuestion, ReceiverAnswer>(script("sidecar/receiver.ts"), []);
  const load = await startWorker<LoadQuestion, LoadAnswer>(script("sidecar/load.ts"), []);
  const startFloor = (): Promise<Worker<FloorQuestion, FloorAnswer>> =>
    startWorker(script("sidecar/floor.ts"), []);
  const floors = await Promise.all([startFloor(), startFloor()]);
  try {
    const { url } = await receiver.ask({ kind: "url" });
    return await measure({ load, receiver, floors, url, folder }, options);
  } finally {
    await Promise.all([load, receiver, ...floors].map((worker) => worker.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(bench: Bench, { rounds = 5, long = false }: SidecarOptions): Promise<SidecarFigures> {
  const ours = await startOurs(bench);
  const peer = await startPeer(bench);
  try {
    for (let i = 0; i < warmUpRounds; i++) {
      for (const contender of [ours, peer]) await round(bench, contender);
    }
    const rates: number[] = [];
    const toPeer: number[] = [];
    const toFloor: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const rate = await round(bench, ours);
      rates.push(rate);
      toFloor.push(rate / (await floorRate(bench)));
      toPeer.push(rate / (await round(bench, peer)));
    }
    const opsPerSecond = median(rates);
    const figures = [
      { name, peer: "idiomatic stack", opsPerSecond, ratio: median(toPeer) },
      { name, peer: "floor", opsPerSecond, ratio: median(toFloor) },
    ];
    const notes = long ? [await saturate(bench, ours)] : [];
    return { figures, peakMemoryMiB: peakMemoryMiB(ours.pid), notes };
  } finally {
    await Promise.all([ours.stop(), peer.stop()]);
  }
}

/** What the events that were just delivered cost at least, in events per CPU second. */
async function floorRate({ receiver, floors }: Bench): Promise<number> {
  const { sample: events } = await receiver.ask({ kind: "sample" });
  const answers = await Promise.all(floors.map((floor) => floor.ask({ events })));
  return median(answers.map(({ rate }) => rate));
}

/** Events per CPU second, from the first request to the last delivery. */
async function round(bench: Bench, contender: Contender): Promise<number> {
  const { origin, requestsPerRound: requests, pid } = contender;
  await bench.receiver.ask({ kind: "reset" });
  const before = cpuSeconds(pid);
  await bench.load.ask({ origin, requests });
  const events = await arrived(bench, requests);
  return events / (cpuSeconds(pid) - before);
}

/** @throws Error when an acknowledged event does not arrive */
async function arrived({ receiver }: Bench, requests: number): Promise<number> {
  const expected = requests * eventsPerRequest;
  const { events } = await receiver.ask({ kind: "await", events: expected });
  if (events !== expected) throw new Error(`${expected} events were acknowledged and ${events} arrived`);
  return events;
}

async function saturate(bench: Bench, { origin }: Contender): Promise<string> {
  await bench.receiver.ask({ kind: "reset" });
  const { acknowledgedRequests, refusals, seconds } = await bench.load.ask({ origin, forMs: 60_000 });
  const events = await arrived(bench, acknowledgedRequests);
  const rate = Math.round(events / seconds);
  return `at saturation for ${Math.round(seconds)} s: ${rate} events/s by the clock, ${refusals} asked to retry`;
}

/** As it is published: built JavaScript, without what turns TypeScript into it on the way. */
async function startOurs({ url, folder }: Bench): Promise<Contender> {
  await buildPackages();
  const bin = join(repositoryRoot, "packages", "sidecar", "dist", "main.js");
  const args = [
    "run",
    "--http",
    url,
    "--batch-size",
    String(batchSize),
    "--source",
    "https://orders.acme.com",
  ];
  const local = ["--otlp-grpc", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
  const where = ["--data-dir", join(folder, "ours"), "--log-level", "warn"];
  const { pid, http, stop } = await startSidecar({ bin, args: [...args, ...local, ...where], cwd: folder });
  return { pid, origin: `http://${http}`, requestsPerRound: 500, stop };
}

async function startPeer({ url, folder }: Bench): Promise<Contender> {
  const script = join(import.meta.dirname, "peers", "idiomatic-stack.ts");
  const worker = await startWorker<"origin", { readonly origin: string }>(script, [
    url,
    folder,
    `${batchSize}`,
  ]);
  const { origin } = await worker.ask("origin");
  return { pid: worker.pid, origin, requestsPerRound: 150, stop: () => worker.stop() };
}
