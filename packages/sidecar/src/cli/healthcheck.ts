import { request } from "node:http";
import { locateSidecar } from "../config/load.ts";
import { formatAddress } from "../config/resolve-listen.ts";
import type { ListenAddress } from "../config/settings.ts";
import { askSidecar } from "../control/client.ts";
import { CommandError, type ExitCode, exitCode } from "./exit-code.ts";
import { readInput } from "./input.ts";

/** A probe that waits longer is a failed one. */
const TIMEOUT_MS = 3_000;

/** `healthcheck`: 0 when an export would be accepted now, else 1 with the reason. */
export async function checkHealth(flags: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const { dataDir, admin } = locateSidecar(readInput(flags));
  // Another program may have the default port, in which case the sidecar moved: it is asked where it is.
  const address = admin === undefined || admin.port === 0 ? await askAddress(dataDir) : admin;
  const { status, body } = await get(address);
  const reason = body.trim().slice(0, 200);
  if (status !== 200)
    throw new CommandError(`${formatAddress(address)}: ${reason === "" ? `status ${status}` : reason}`);
  process.stdout.write("ready\n");
  return exitCode.ok;
}

async function askAddress(dataDir: string): Promise<ListenAddress> {
  const answer = await askSidecar(dataDir, { command: "status" });
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
  const call = request(
    { host, port: address.port, path: "/readyz", timeout: TIMEOUT_MS, agent: false },
    (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        if (body.length < 4096) body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    },
  );
  call.on("timeout", () => call.destroy(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)));
  call.on("error", (error) => {
    reject(new CommandError(`${formatAddress(address)}: ${error.message}`, { cause: error }));
  });
  call.end();
  return promise;
}
