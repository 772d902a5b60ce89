import { networkInterfaces } from "node:os";
import { Secret } from "@coresdk/pipeline";
import { type ForwardSettings, forwardDefaults } from "../forward/settings.ts";
import { grpcReceiverDefaults, type ReceiversSettings } from "../receive/settings.ts";
import type { OtelDocument } from "./document.ts";
import type { Resolution } from "./resolution.ts";
import { formatAddress, isLoopback } from "./resolve-listen.ts";
import { resolveClientTls } from "./resolve-tls.ts";
import type { ListenAddress } from "./settings.ts";
import { checkUrl, parseHeaderList } from "./values.ts";

/**
 * The upstream: `otel` of the configuration, and `OTEL_EXPORTER_OTLP_*` for what that leaves unset.
 *
 * These variables stand in the environment of every application beside the sidecar, and then lead to the
 * sidecar itself; or they speak of another peer than `otel.endpoint`, whose credentials are not its business.
 * In both cases none of them is used.
 */
export function resolveUpstream(
  resolution: Resolution,
  receivers: ReceiversSettings,
): ForwardSettings | undefined {
  const { document, fail } = resolution;
  const configured = document.otel?.endpoint;
  if (configured !== undefined && findOwnListener(configured, receivers) !== undefined) {
    const address = findOwnListener(configured, receivers);
    fail(
      ["otel", "endpoint"],
      `otel.endpoint is the sidecar's own receiver at ${address}: it would forward to itself`,
    );
    return undefined;
  }
  const variables = readOtelVariables(resolution, receivers);
  const endpoint = configured ?? variables.endpoint;
  if (endpoint === undefined) {
    warnAboutUnused(resolution);
    return undefined;
  }
  const otel: OtelDocument = { ...document.otel };
  return {
    ...forwardDefaults,
    endpoint,
    protocol: otel.protocol ?? variables.protocol ?? guessProtocol(endpoint),
    headers: Object.entries(otel.headers ?? variables.headers),
    compression: otel.compression ?? variables.compression ?? forwardDefaults.compression,
    tls: resolveUpstreamTls(resolution, endpoint, otel.tls ?? variables.tls),
    timeoutMs: otel.timeout ?? variables.timeoutMs ?? forwardDefaults.timeoutMs,
  };
}

/** The receiver's address when a URL leads to one of ours. */
export function findOwnListener(endpoint: string, receivers: ReceiversSettings): string | undefined {
  const url = URL.parse(endpoint);
  if (url === null) return undefined;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const own = [receivers.grpc, receivers.http].find(
    (door) => door !== undefined && door.port === port && reaches(host, door),
  );
  return own === undefined ? undefined : formatAddress(own);
}

const EVERY_ADDRESS = /^(?:0\.0\.0\.0|::)$/;

function reaches(host: string, door: ListenAddress): boolean {
  if (host === door.host) return true;
  const everywhere = EVERY_ADDRESS.test(door.host);
  if (isLoopback(host) || EVERY_ADDRESS.test(host)) return everywhere || isLoopback(door.host);
  if (!everywhere) return false;
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === host),
  );
}

function guessProtocol(endpoint: string): ForwardSettings["protocol"] {
  return URL.parse(endpoint)?.port === String(grpcReceiverDefaults.port) ? "grpc" : "http/protobuf";
}

function resolveUpstreamTls(
  resolution: Resolution,
  endpoint: string,
  tls: OtelDocument["tls"],
): ForwardSettings["tls"] {
  if (tls !== undefined && tls !== false && !endpoint.startsWith("https:")) {
    resolution.fail(["otel", "tls"], "otel.tls needs an https:// endpoint");
  }
  return resolveClientTls(resolution, ["otel", "tls"], tls);
}

interface OtelVariables {
  readonly endpoint: string | undefined;
  readonly protocol: ForwardSettings["protocol"] | undefined;
  readonly headers: Readonly<Record<string, Secret>>;
  readonly compression: ForwardSettings["compression"] | undefined;
  readonly timeoutMs: number | undefined;
  readonly tls: OtelDocument["tls"];
}

const NO_VARIABLES: OtelVariables = {
  endpoint: undefined,
  protocol: undefined,
  headers: {},
  compression: undefined,
  timeoutMs: undefined,
  tls: undefined,
};

function readOtelVariables(resolution: Resolution, receivers: ReceiversSettings): OtelVariables {
  const { environment, warnings, document } = resolution;
  const get = (name: string): string | undefined =>
    environment[`OTEL_EXPORTER_OTLP_${name}`]?.trim() || undefined;
  const endpoint = get("ENDPOINT");
  if (endpoint !== undefined) {
    const own = findOwnListener(endpoint, receivers);
    if (own !== undefined) {
      warnings.push(
        `OTEL_EXPORTER_OTLP_ENDPOINT is this sidecar's own receiver (${own}) and is ignored here`,
      );
      return NO_VARIABLES;
    }
    const configured = document.otel?.endpoint;
    if (configured !== undefined && URL.parse(configured)?.host !== URL.parse(endpoint)?.host)
      return NO_VARIABLES;
    const wrong = checkUrl(endpoint);
    if (wrong !== undefined) {
      warnings.push(`OTEL_EXPORTER_OTLP_ENDPOINT ${wrong}; it is ignored`);
      return NO_VARIABLES;
    }
  }
  const timeout = get("TIMEOUT");
  return {
    endpoint,
    protocol: readChoice(get("PROTOCOL"), ["grpc", "http/protobuf"], "PROTOCOL", warnings),
    headers: readHeaders(get("HEADERS"), warnings),
    compression: readChoice(get("COMPRESSION"), ["none", "gzip"], "COMPRESSION", warnings),
    timeoutMs: timeout !== undefined && /^[1-9]\d{0,8}$/.test(timeout) ? Number(timeout) : undefined,
    tls: readTlsVariables(get),
  };
}

function readTlsVariables(get: (name: string) => string | undefined): OtelDocument["tls"] {
  const [ca, cert, key] = [get("CERTIFICATE"), get("CLIENT_CERTIFICATE"), get("CLIENT_KEY")];
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  return { ca, cert, key: key === undefined ? undefined : new Secret(key) };
}

function readChoice<T extends string>(
  text: string | undefined,
  choices: readonly T[],
  name: string,
  warnings: string[],
): T | undefined {
  const chosen = choices.find((choice) => choice === text);
  if (text !== undefined && chosen === undefined) {
    warnings.push(`OTEL_EXPORTER_OTLP_${name} is none of ${choices.join(", ")}; it is ignored`);
  }
  return chosen;
}

function readHeaders(text: string | undefined, warnings: string[]): Readonly<Record<string, Secret>> {
  const entries = text === undefined ? [] : parseHeaderList(text);
  if (entries === undefined) {
    warnings.push("OTEL_EXPORTER_OTLP_HEADERS is no list of name=value; it is ignored");
    return {};
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, new Secret(value)]));
}

/** Per-signal endpoints mean several upstreams; the sidecar has one. */
function warnAboutUnused({ environment, warnings }: Resolution): void {
  for (const signal of ["TRACES", "METRICS", "LOGS"]) {
    const name = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
    if (environment[name]) warnings.push(`${name} is not read: set otel.endpoint, which takes all signals`);
  }
}
