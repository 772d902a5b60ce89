import { formatAddress } from "../config/resolve-listen.ts";
import type { ListenAddress, SidecarSettings } from "../config/settings.ts";

/** The sidecar cannot start; the message says why and what to do about it. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Names of errors that another directory would mend; most come out of a thread, which keeps no more of them. */
const ABOUT_DIRECTORY: ReadonlySet<string> = new Set([
  "QueueDirectoryError",
  "QueueInUseError",
  "ControlSocketError",
]);

/** What a failed start means to the person who started it. */
export function describeStartError(error: unknown, settings: SidecarSettings): StartError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && ABOUT_DIRECTORY.has(error.name)) {
    return new StartError(`queue.dir (--data-dir): ${message}`, { cause: error });
  }
  const listening = readListenError(error);
  if (listening === undefined) return new StartError(message, { cause: error });
  const { code, port } = listening;
  const [name, key, address] = findListener(port, settings);
  const where = address === undefined ? `port ${port}` : formatAddress(address);
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: `${where} is taken${port === 4317 || port === 4318 ? ", perhaps by a collector" : ""}`,
    EACCES: `${where} is not allowed to this user`,
    EADDRNOTAVAIL: `${where} is no address of this host`,
  };
  const reason = why[code] ?? `${where} cannot be listened on (${code})`;
  return new StartError(`${name}: ${reason}; set ${key} to another`, { cause: error });
}

/** The system's error, which may be the cause of one that says the same in other words. */
function readListenError(error: unknown): { readonly code: string; readonly port: number } | undefined {
  if (error instanceof Error && error.cause !== undefined) return readListenError(error.cause);
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error) || !("port" in error))
    return undefined;
  const { code, syscall, port } = error;
  if (syscall !== "listen" && syscall !== "getaddrinfo" && syscall !== "bind") return undefined;
  return typeof code === "string" && typeof port === "number" ? { code, port } : undefined;
}

function findListener(
  port: number,
  { receivers, admin }: SidecarSettings,
): readonly [name: string, key: string, address: ListenAddress | undefined] {
  if (receivers.grpc?.port === port)
    return ["OTLP/gRPC", "receivers.otlp.grpc.endpoint (--otlp-grpc)", receivers.grpc];
  if (receivers.http?.port === port)
    return ["OTLP/HTTP", "receivers.otlp.http.endpoint (--otlp-http)", receivers.http];
  const address = port === admin.port || port === admin.fallbackPort ? { host: admin.host, port } : undefined;
  return ["admin", "admin.endpoint (--admin)", address];
}
