/**
 * What is shown to a peer goes to the host that it was configured for alone: a flag, a variable or the platform may have
 * put another endpoint in place of the one that stands beside it.
 */
import type { TlsSettings } from "@coresdk/pipeline";
import type { Secret } from "@coresdk/pipeline/checks";
import { showHeaderName } from "./header-names.ts";
import type { Resolution } from "./resolution.ts";
import { formatPath, type Path } from "./tree.ts";

/** Where something is to be sent. */
export interface Target {
  /** The key of the configuration that says it. */
  readonly key: Path;
  readonly endpoint: string;
  /** The variable of the platform that says it, if the configuration does not. */
  readonly platform?: string | undefined;
}

/** The headers that the peer is sent. */
export function keepHeaders(
  resolution: Resolution,
  target: Target,
  key: Path,
  headers: Readonly<Record<string, Secret>>,
): readonly (readonly [name: string, value: Secret])[] {
  const entries = Object.entries(headers);
  if (entries.length === 0) return entries;
  const names = entries.map(([name]) => showHeaderName(name)).join(", ");
  return holdsBack(resolution, target, key, `${formatPath(key)} (${names}) are`) ? [] : entries;
}

/** Without the certificate that says who we are, where that was meant for another host. */
export function keepIdentity(
  resolution: Resolution,
  target: Target,
  key: Path,
  tls: TlsSettings | undefined,
): TlsSettings | undefined {
  if (tls?.cert === undefined) return tls;
  const what = `${formatPath(key)}.cert and key are`;
  const held = ["cert", "key"].some((part) => holdsBack(resolution, target, [...key, part], what));
  return held ? { ...tls, cert: undefined, key: undefined } : tls;
}

/**
 * True when what stands at a key is not for the target, which is said then. It is for the endpoint that the same file,
 * or the same kind of override, names; where that names none, for the one that is in force, but never the platform's in
 * place of one of the configuration.
 *
 * @param what the beginning of a sentence
 */
export function holdsBack(
  { merged, document, warnings }: Resolution,
  { key, endpoint, platform }: Target,
  setting: Path,
  what: string,
): boolean {
  const source = merged.setBy(setting);
  if (source === undefined) return false;
  const inForce = platform === undefined ? endpoint : document.cloud_events?.http?.endpoint;
  const meant = merged.givenBy(source, key) ?? inForce;
  if (meant === undefined || URL.parse(meant)?.origin === URL.parse(endpoint)?.origin) return false;
  const { origin } = merged.place({ path: key, message: "" });
  const by = platform ?? (origin === undefined || origin.kind === "file" ? formatPath(key) : origin.name);
  warnings.push(`${what} not sent to ${by}: configured for another host`);
  return true;
}
