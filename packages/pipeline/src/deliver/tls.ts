import type { TlsSettings } from "../settings.ts";

/** What Node's TLS takes; system certificates are trusted unless `ca` is given. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

/** The key is revealed here, on its way into the TLS library. */
export function tlsOptions({ ca, cert, key, servername }: TlsSettings): TlsOptions {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key: key.reveal() }),
    ...(servername === undefined ? {} : { servername }),
  };
}
