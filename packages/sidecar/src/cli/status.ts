import * as z from "zod";
import { formatAddress } from "../config/resolve-listen.ts";
import { askRunning } from "./ask-running.ts";
import { CommandError, type ExitCode, exitCode } from "./exit-code.ts";

/** What is shown of a status; a sidecar of another version may say more. */
const statusSchema = z.object({
  version: z.string(),
  pid: z.number(),
  startedAt: z.string(),
  listen: z.object({
    grpc: z.string().optional(),
    http: z.string().optional(),
    admin: z.object({ host: z.string(), port: z.number() }),
  }),
  details: z.object({
    ready: z.boolean(),
    reason: z.string(),
    sinks: z.array(z.object({ name: z.string(), state: z.string(), reason: z.string() })),
    upstream: z.object({ state: z.string(), reason: z.string() }),
    policy: z
      .object({ package: z.string(), state: z.string(), reason: z.string(), refused: z.string() })
      .optional(),
    queue: z.union([
      z.string(),
      z.object({
        events: z.number(),
        bytes: z.number(),
        maxBytes: z.number(),
        deadLetters: z.number(),
        pending: z.record(z.string(), z.number()),
      }),
    ]),
  }),
});

type Status = z.infer<typeof statusSchema>;

/** `status`: how the running sidecar does, for people or, with `--json`, for programs. */
export async function showStatus(flags: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const answer = await askRunning(flags, { command: "status" });
  answer.close();
  const status = answer.fields.get("status");
  if (flags["json"] === true) {
    process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
    return exitCode.ok;
  }
  const read = statusSchema.safeParse(status);
  if (!read.success) throw new CommandError("the sidecar says it in another form; --json shows it");
  process.stdout.write(formatStatus(read.data));
  return exitCode.ok;
}

function formatStatus({ version, pid, startedAt, listen, details }: Status): string {
  const { ready, reason, sinks, upstream, policy, queue } = details;
  const pending = typeof queue === "string" ? {} : queue.pending;
  const doors = [
    ...(listen.grpc === undefined ? [] : [`gRPC ${listen.grpc}`]),
    ...(listen.http === undefined ? [] : [`HTTP ${listen.http}`]),
  ];
  const rows: (readonly [string, string])[] = [
    ["events", ready ? "accepted" : `refused: ${reason}`],
    ["OTLP in", doors.join(", ")],
    ["admin", formatAddress(listen.admin)],
    ...sinks.map(({ name, ...sink }) => {
      const waiting = Object.hasOwn(pending, name) ? `; ${pending[name]} events wait` : "";
      return [`sink ${name}`, `${describeState(sink)}${waiting}`] as const;
    }),
    ["upstream", describeState(upstream)],
    ...(policy === undefined ? [] : [["policy", describePolicy(policy)] as const]),
    ["queue", describeQueue(queue)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}${value}`);
  return [`coresdk-sidecar ${version}, pid ${pid}, since ${startedAt}`, ...lines, ""]
    .map(onOneLine)
    .join("\n");
}

function describeState({ state, reason }: { readonly state: string; readonly reason: string }): string {
  return reason === "" ? state : `${state}: ${reason}`;
}

function describePolicy(policy: NonNullable<Status["details"]["policy"]>): string {
  const refused = policy.refused === "" ? "" : `; what is in the folder now is refused: ${policy.refused}`;
  return `${policy.package} ${describeState(policy)}${refused}`;
}

function describeQueue(queue: Status["details"]["queue"]): string {
  if (typeof queue === "string") return queue;
  const { events, deadLetters, bytes, maxBytes } = queue;
  return `${events} events, ${deadLetters} dead letters; ${inMiB(bytes)} of ${inMiB(maxBytes)} MiB`;
}

function inMiB(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

/** A reason may hold what a peer said, which must not steer a terminal. */
function onOneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}
