import {
  type CorsSettings,
  corsDefaults,
  type DoorSettings,
  grpcReceiverDefaults,
  httpReceiverDefaults,
  type ReceiversSettings,
  receiversDefaults,
} from "../receive/settings.ts";
import type { CorsDocument, DoorDocument } from "./document.ts";
import { isLoopbackHost } from "./own-addresses.ts";
import type { Resolution } from "./resolution.ts";
import { resolveServerTls } from "./resolve-tls.ts";
import type { AdminSettings, ListenAddress } from "./settings.ts";
import { formatPath, type Path } from "./tree.ts";

/** Where the receivers go when the upstream has their default ports (semantics, section 5). */
const MOVED = { grpc: 14317, http: 14318, admin: 14133 } as const;
const ADMIN_DEFAULT: ListenAddress = { host: "127.0.0.1", port: 13133 };

export interface ResolvedReceivers {
  readonly receivers: ReceiversSettings;
  /** Both doors left their default ports to the upstream. */
  readonly moved: boolean;
}

/** Both doors, moved aside together when `otel.endpoint` is on one of their default ports on this host. */
export function resolveReceivers(resolution: Resolution): ResolvedReceivers {
  const otlp = resolution.document.receivers?.otlp;
  const chosen = otlp?.grpc?.endpoint !== undefined || otlp?.http?.endpoint !== undefined;
  const moved = !chosen && isOnDefaultPort(resolution);
  const path = ["receivers", "otlp"];
  const cors = otlp?.http?.cors;
  const receivers: ReceiversSettings = {
    maxInFlightBytes: otlp?.max_in_flight_bytes ?? receiversDefaults.maxInFlightBytes,
    grpc: {
      ...grpcReceiverDefaults,
      ...(moved ? { port: MOVED.grpc } : {}),
      ...resolveDoor(resolution, [...path, "grpc"], otlp?.grpc),
    },
    http: {
      ...httpReceiverDefaults,
      ...(moved ? { port: MOVED.http } : {}),
      ...resolveDoor(resolution, [...path, "http"], otlp?.http),
      cors: cors === undefined ? undefined : resolveCors(cors),
    },
  };
  const { grpc, http } = receivers;
  if (grpc !== undefined && grpc.port !== 0 && grpc.port === http?.port && grpc.host === http.host) {
    const message = `receivers.otlp: gRPC and HTTP cannot both listen on ${formatAddress(grpc)}`;
    resolution.fail([...path, otlp?.http?.endpoint === undefined ? "grpc" : "http", "endpoint"], message);
  }
  return { receivers, moved };
}

export function resolveAdmin({ document }: Resolution, moved: boolean): AdminSettings {
  const endpoint = document.admin?.endpoint;
  if (endpoint === undefined) return { ...ADMIN_DEFAULT, fallbackPort: moved ? MOVED.admin : undefined };
  return { ...endpoint, fallbackPort: undefined };
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatAddress({ host, port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function isOnDefaultPort({ document, hosts }: Resolution): boolean {
  const endpoint = document.otel?.endpoint;
  const url = endpoint === undefined ? null : URL.parse(endpoint);
  if (url === null || !isLoopbackHost(url.hostname, hosts)) return false;
  return url.port === String(grpcReceiverDefaults.port) || url.port === String(httpReceiverDefaults.port);
}

function resolveDoor(
  resolution: Resolution,
  path: Path,
  door: DoorDocument | undefined,
): Partial<DoorSettings> {
  if (door === undefined) return {};
  if (door.auth !== undefined && door.auth.bearer === undefined) {
    resolution.fail([...path, "auth"], `${formatPath([...path, "auth"])} needs bearer`);
  }
  return {
    ...door.endpoint,
    ...(door.max_request_size === undefined ? {} : { maxRequestBytes: door.max_request_size }),
    tls: resolveServerTls(resolution, [...path, "tls"], door.tls),
    bearerToken: door.auth?.bearer,
  };
}

function resolveCors(cors: CorsDocument): CorsSettings {
  return {
    allowedOrigins: cors.allowed_origins ?? corsDefaults.allowedOrigins,
    allowedHeaders: cors.allowed_headers ?? corsDefaults.allowedHeaders,
    maxAgeSeconds: cors.max_age === undefined ? corsDefaults.maxAgeSeconds : Math.floor(cors.max_age / 1_000),
  };
}
