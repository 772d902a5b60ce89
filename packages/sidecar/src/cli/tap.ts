import { usualPatience } from "../control/client.ts";
import { compileFilters, FilterError } from "../control/filter.ts";
import { TAP_STAGES, type TapStage } from "../control/protocol.ts";
import { askRunning } from "./ask-running.ts";
import { type ExitCode, exitCode, UsageError } from "./exit-code.ts";

/** Without following, the next line is there or on the disk. */
const STORED_LINE_MS = 30_000;

/** `tap`: one event a line on stdout. Ends when the sidecar does, at the limit, or when nobody reads any more. */
export async function tap(flags: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const filters = readTexts(flags["filter"]);
  try {
    compileFilters(filters);
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(`--filter: ${error.message}`);
    throw error;
  }
  const stage = readStage(flags);
  const limit = typeof flags["limit"] === "number" ? flags["limit"] : undefined;
  const follow = flags["follow"] !== false;
  const request = { command: "tap", stage, filters, limit, follow } as const;
  const patience = follow ? usualPatience : { ...usualPatience, lineMs: STORED_LINE_MS };
  const answer = await askRunning(flags, request, patience);
  const stop = (): void => answer.close();
  // Nobody reads any more (`tap | head`): that is an end and no failure.
  process.stdout.on("error", stop);
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    for await (const line of answer.lines) await print(line);
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    answer.close();
  }
  if (answer.ending() === "closing") process.stderr.write("tap: the sidecar was ended\n");
  return exitCode.ok;
}

function readStage(flags: Readonly<Record<string, unknown>>): TapStage {
  const wanted = flags["stage"] ?? "queued";
  const stage = TAP_STAGES.find((one) => one === wanted);
  if (stage === undefined) throw new UsageError(`--stage: must be one of ${TAP_STAGES.join(", ")}`);
  if (stage === "denied" && flags["follow"] === false) {
    throw new UsageError("--no-follow: denied events are stored nowhere, they can only be followed");
  }
  return stage;
}

const EVENT = '{"event":';

async function print(line: string): Promise<void> {
  if (line.startsWith(EVENT)) {
    if (!process.stdout.write(`${line.slice(EVENT.length, -1)}\n`)) await drain();
    return;
  }
  const dropped = /^\{"dropped":(\d+)\}$/.exec(line)?.[1];
  if (dropped !== undefined)
    process.stderr.write(`tap: ${dropped} events left out here: this reader was too slow\n`);
}

function drain(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    process.stdout.off("drain", done);
    process.stdout.off("error", done);
    process.stdout.off("close", done);
    resolve();
  };
  process.stdout.once("drain", done);
  process.stdout.once("error", done);
  process.stdout.once("close", done);
  return promise;
}

function readTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
