/** Complete settings of the logs route; units are in the names. The configuration fills them. */
export interface LogsRouteSettings {
  /** `cloud_events.keep_in_otlp`: events go on over OTLP as well, those that may leave. */
  readonly keepInOtlp: boolean;
  readonly resend: ResendSettings;
}

/**
 * What is remembered of requests whose events are committed and whose rest the upstream may take later
 * (semantics, section 1). Past a limit the oldest is forgotten: its resend delivers the events again, with
 * the same ids.
 */
export interface ResendSettings {
  readonly maxEntries: number;
  /** The rests kept for forwarding, together. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** Defaults of the logs route. */
export const logsRouteDefaults: LogsRouteSettings = {
  keepInOtlp: false,
  resend: {
    maxEntries: 4096,
    maxBytes: 16 * 1024 * 1024,
    // OTLP exporters stop resending after one to five minutes.
    maxAgeMs: 600_000,
  },
};
