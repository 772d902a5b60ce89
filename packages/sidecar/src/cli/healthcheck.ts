import { request } from "node:http";
import { locateSidecar } from "../config/load.ts";
import { formatAddress } from "../config/resolve-listen.ts";
import type { ListenAddress } from "../config/settings.ts";
import { askRunning } from "./ask-running.ts";
import { CommandError, type ExitCode, exitCode, UsageError } from "./exit-code.ts";
import { readInput } from "./input.ts";

/** A probe that waits longer is a failed one. */
const TIMEOUT_MS = 3_000;

type Flags = Readonly<Record<string, unknown>>;

/** `healthcheck`: 0 when an export of events would be accepted now, else 1 with the reason. */
export async function checkHealth(flags: Flags): Promise<ExitCode> {
  // What the configuration has as the admin endpoint may be another sidecar's by now: only a flag is believed.
  const address = flags["admin"] === undefined ? await askAddress(flags) : readAdmin(flags);
  const { status, body } = await get(address);
  const reason = body.trim().slice(0, 200);
  if (status !== 200)
    throw new CommandError(`${formatAddress(address)}: ${reason === "" ? `status ${status}` : reason}`);
  // What follows the semicolon is a remark.
  process.stdout.write(`ready${reason.replace(/^[^;]*/, "").replace(/\p{Cc}/gu, " ")}\n`);
  return exitCode.ok;
}

function readAdmin(flags: Flags): ListenAddress {
  const { admin } = locateSidecar(readInput(flags));
  if (admin === undefined || admin.port === 0) throw new UsageError("--admin: a port above 0 is needed");
  return admin;
}

async function askAddress(flags: Flags): Promise<ListenAddress> {
  const answer = await askRunning(flags, { command: "status" }, { answerMs: TIMEOUT_MS });
  answer.close();
  const address = readAddress(answer.fields.get("status"));
  if (address === undefined) throw new CommandError("the sidecar did not say where its admin endpoint is");
  return address;
}

function readAddress(status: unknown): ListenAddress | undefined {
  if (typeof status !== "object" || status === null || !("listen" in status)) return undefined;
  const { listen } = status;
  if (typeof listen !== "object" || listen === null || !("admin" in listen)) return undefined;
  const { admin } = listen;
  if (typeof admin !== "object" || admin === null || !("host" in admin) || !("port" in admin))
    return undefined;
  return typeof admin.host === "string" && typeof admin.port === "number"
    ? { host: admin.host, port: admin.port }
    : undefined;
}

function get(address: ListenAddress): Promise<{ readonly status: number; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const host = address.host === "0.0.0.0" ? "127.0.0.1" : address.host === "::" ? "::1" : address.host;
  const fail = (error: NodeJS.ErrnoException): void => {
    // The system's own message names the address once more.
    const why = error.syscall === undefined ? error.message : `${error.syscall} failed with ${error.code}`;
    reject(new CommandError(`${formatAddress(address)}: ${why}`, { cause: error }));
  };
  const call = request({ host, port: address.port, path: "/readyz", agent: false }, (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (chunk) => {
      if (body.length < 4096) body += chunk;
    });
    response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    response.on("error", fail);
  });
  call.on("error", fail);
  const late = new Error(`no answer within ${TIMEOUT_MS / 1_000} s`);
  const timer = setTimeout(() => call.destroy(late), TIMEOUT_MS);
  call.on("close", () => clearTimeout(timer));
  call.end();
  return promise;
}
