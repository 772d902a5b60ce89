import { Secret } from "@coresdk/pipeline/checks";
import { checkUpstreamHeaderName } from "../forward/header-name.ts";
import { type ForwardSettings, forwardDefaults } from "../forward/settings.ts";
import { grpcReceiverDefaults, httpReceiverDefaults, type ReceiversSettings } from "../receive/settings.ts";
import type { ConfigDocument, OtelDocument } from "./document.ts";
import { hideHeaderName, showHeaderName } from "./header-names.ts";
import { keepHeaders, keepIdentity } from "./held-back.ts";
import type { Environment } from "./interpolate.ts";
import { type HostAddresses, reachesListener } from "./own-addresses.ts";
import type { Resolution } from "./resolution.ts";
import { formatAddress } from "./resolve-listen.ts";
import { resolveClientTls } from "./resolve-tls.ts";
import { checkUrl, HEADER_NAME, HEADER_VALUE, parseHeaderList } from "./values.ts";

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
  const { document, fail, hosts } = resolution;
  const configured = document.otel?.endpoint;
  const own = configured === undefined ? undefined : findOwnListener(configured, receivers, hosts);
  if (own !== undefined) {
    fail(
      ["otel", "endpoint"],
      `otel.endpoint is the sidecar's own receiver at ${own}: it would forward to itself`,
    );
    return undefined;
  }
  const variables = readOtelVariables(resolution, receivers);
  const endpoint = configured ?? variables.endpoint;
  if (endpoint === undefined) {
    warnAboutUnused(resolution);
    return undefined;
  }
  if (URL.parse(endpoint)?.search) {
    const name = configured === undefined ? "OTEL_EXPORTER_OTLP_ENDPOINT" : "otel.endpoint";
    resolution.warnings.push(`${name}: its query is not sent; a key belongs into a header`);
  }
  const otel: OtelDocument = { ...document.otel };
  const target = { key: ["otel", "endpoint"], endpoint };
  const tls = resolveUpstreamTls(resolution, endpoint, otel.tls ?? variables.tls);
  return {
    ...forwardDefaults,
    endpoint,
    protocol: otel.protocol ?? variables.protocol ?? guessProtocol(endpoint),
    headers: keepHeaders(resolution, target, ["otel", "headers"], otel.headers ?? variables.headers),
    compression: otel.compression ?? variables.compression ?? forwardDefaults.compression,
    tls: keepIdentity(resolution, target, ["otel", "tls"], tls),
    timeoutMs: otel.timeout ?? variables.timeoutMs ?? forwardDefaults.timeoutMs,
  };
}

/** The receiver's address when a URL leads to one of ours. */
function findOwnListener(
  endpoint: string,
  receivers: ReceiversSettings,
  hosts: HostAddresses,
): string | undefined {
  const url = URL.parse(endpoint);
  if (url === null) return undefined;
  const port = portOf(url);
  const own = [receivers.grpc, receivers.http].find(
    (door) => door !== undefined && door.port === port && reachesListener(url.hostname, door, hosts),
  );
  return own === undefined ? undefined : formatAddress(own);
}

function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

/**
 * The host names of which it matters whether they stand for this host: the upstream's, when its port is one of
 * ours or becomes so, and the receivers' own.
 */
export function listHostNames({ otel, receivers }: ConfigDocument, environment: Environment): string[] {
  const doors = [receivers?.otlp?.grpc?.endpoint, receivers?.otlp?.http?.endpoint];
  const own = doors.filter((door) => door !== undefined);
  const ports = [grpcReceiverDefaults.port, httpReceiverDefaults.port, ...own.map(({ port }) => port)];
  const upstreams = [otel?.endpoint, environment["OTEL_EXPORTER_OTLP_ENDPOINT"]?.trim()]
    .map((endpoint) => (endpoint === undefined ? null : URL.parse(endpoint)))
    .filter((url) => url !== null)
    .filter((url) => url.hostname !== "" && ports.includes(portOf(url)));
  if (upstreams.length === 0) return [];
  return [...upstreams.map(({ hostname }) => hostname), ...own.map(({ host }) => host)];
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
  const { environment, warnings, document, hosts } = resolution;
  const get = (name: string): string | undefined =>
    environment[`OTEL_EXPORTER_OTLP_${name}`]?.trim() || undefined;
  const endpoint = get("ENDPOINT");
  if (endpoint !== undefined) {
    const own = findOwnListener(endpoint, receivers, hosts);
    if (own !== undefined) {
      warnings.push(
        `OTEL_EXPORTER_OTLP_ENDPOINT is this sidecar's own receiver (${own}) and is ignored here`,
      );
      return NO_VARIABLES;
    }
    const configured = document.otel?.endpoint;
    if (configured !== undefined && URL.parse(configured)?.host !== URL.parse(endpoint)?.host) {
      warnings.push("OTEL_EXPORTER_OTLP_* are of another peer than otel.endpoint and are ignored here");
      return NO_VARIABLES;
    }
    const wrong = checkUrl(endpoint);
    if (wrong !== undefined) {
      warnings.push(`OTEL_EXPORTER_OTLP_ENDPOINT ${wrong}; it is ignored`);
      return NO_VARIABLES;
    }
  }
  return {
    endpoint,
    protocol: readChoice(get("PROTOCOL"), ["grpc", "http/protobuf"], "PROTOCOL", warnings),
    headers: readHeaders(get("HEADERS"), warnings),
    compression: readChoice(get("COMPRESSION"), ["none", "gzip"], "COMPRESSION", warnings),
    timeoutMs: readTimeout(get("TIMEOUT"), warnings),
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

function readTimeout(text: string | undefined, warnings: string[]): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  warnings.push("OTEL_EXPORTER_OTLP_TIMEOUT is no number of milliseconds above 0; it is ignored");
  return undefined;
}

function readHeaders(text: string | undefined, warnings: string[]): Readonly<Record<string, Secret>> {
  const entries = text === undefined ? [] : parseHeaderList(text);
  if (entries === undefined) {
    warnings.push("OTEL_EXPORTER_OTLP_HEADERS is no list of name=value; it is ignored");
    return {};
  }
  const usable = entries.filter(([name, value]) => {
    const fault = checkVariableHeader(name, value);
    if (fault !== undefined) warnings.push(`OTEL_EXPORTER_OTLP_HEADERS: ${fault}; it is ignored`);
    return fault === undefined;
  });
  return Object.fromEntries(usable.map(([name, value]) => [name, new Secret(value)]));
}

function checkVariableHeader(name: string, value: string): string | undefined {
  // What is no name may be a misplaced secret, and is not repeated.
  if (!HEADER_NAME.test(name)) return "a name is no header name";
  if (!HEADER_VALUE.test(value))
    return `the value of ${showHeaderName(name)} holds a character that no header may`;
  const fault = checkUpstreamHeaderName(name);
  return fault === undefined ? undefined : hideHeaderName(fault, name);
}

/** Per-signal endpoints mean several upstreams; the sidecar has one. */
function warnAboutUnused({ environment, warnings }: Resolution): void {
  for (const signal of ["TRACES", "METRICS", "LOGS"]) {
    const name = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
    if (environment[name]) warnings.push(`${name} is not read: set otel.endpoint, which takes all signals`);
  }
}
