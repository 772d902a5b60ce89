import type { TlsSettings } from "../settings.ts";

/** What Node's TLS takes; without `ca` the authorities count that Node.js itself trusts. */
export interface TlsOptions {
  readonly rejectUnauthorized: true;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

/**
 * The key is revealed here, on its way into the TLS library. Verification is asked for by name: Node's own default is
 * off where the environment has NODE_TLS_REJECT_UNAUTHORIZED=0.
 */
export function tlsOptions(settings: TlsSettings | undefined): TlsOptions {
  const { ca, cert, key, servername } = settings ?? {};
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key: key.reveal() }),
    ...(servername === undefined ? {} : { servername }),
  };
}
