/** Complete settings of the sidecar: what a configuration comes to. */
import type { PipelineSettings } from "@coresdk/pipeline";
import type { ForwardMaskSettings } from "../forward/mask-forwarded.ts";
import type { ForwardSettings } from "../forward/settings.ts";
import type { LogsRouteSettings } from "../logs/settings.ts";
import type { ReceiversSettings } from "../receive/settings.ts";

export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

export interface AdminSettings extends ListenAddress {
  /** Where to listen instead when the port is taken; only when nobody chose the port. */
  readonly fallbackPort: number | undefined;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: "auto" | "json" | "pretty";
}

/** What masking can be asked for: events, and what goes on over OTLP. */
export type MaskedSignal = "events" | "logs" | "traces" | "metrics";

export interface SidecarSettings {
  /** False: logs are forwarded as they come, and nothing becomes an event. */
  readonly eventsEnabled: boolean;
  readonly pipeline: PipelineSettings;
  /** The queue's directory, absolute; the control socket is in it. */
  readonly dataDir: string;
  readonly receivers: ReceiversSettings;
  /** `undefined`: traces, metrics and other logs are accepted, counted and dropped. */
  readonly upstream: ForwardSettings | undefined;
  /** What is masked of that which goes to the upstream; `undefined`: nothing. */
  readonly forwardMasking: ForwardMaskSettings | undefined;
  readonly logs: LogsRouteSettings;
  readonly admin: AdminSettings;
  readonly log: LogSettings;
  /** The receivers' default ports were given to the upstream (semantics, section 5). */
  readonly portsMoved: boolean;
}

/** A configuration that can be run. */
export interface LoadedConfig {
  readonly settings: SidecarSettings;
  /** The file it came from, as messages name it; `undefined` when there is none. */
  readonly file: string | undefined;
  /** What is odd, but no error. */
  readonly warnings: readonly string[];
}
