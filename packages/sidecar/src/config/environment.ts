/**
 * Environment variables of the sidecar, by one rule: `CORESDK_` and the path of the key in capitals, its
 * parts joined by `_`; the part `CLOUD_EVENTS_` may be left out. `cloud_events.http.batch_size` is
 * `CORESDK_CLOUD_EVENTS_HTTP_BATCH_SIZE` or `CORESDK_HTTP_BATCH_SIZE`.
 */
import { isCredential, isGuard } from "./guards.ts";
import type { Environment } from "./interpolate.ts";
import { findNearest } from "./nearest.ts";
import { listLeaves } from "./schema-walk.ts";

/** One key set by one variable. */
export interface Override {
  readonly path: readonly string[];
  readonly text: string;
  /** The variable's name. */
  readonly name: string;
}

export interface ReadEnvironment {
  readonly overrides: readonly Override[];
  /** Of those that are set without a text the ones that must have one. */
  readonly empty: readonly Override[];
  readonly warnings: readonly string[];
}

const PREFIX = "CORESDK_";

/** The SDK's variable for the same thing (semantics, section 11). */
const ALIASES: ReadonlyMap<string, string> = new Map([["CORESDK_TENANT_ID", "CORESDK_TENANT"]]);

/** What others of the family read (semantics, section 11), or the command line does. */
const FOREIGN: ReadonlySet<string> = new Set([
  "CORESDK_CONFIG",
  "CORESDK_SERVICE_NAME",
  "CORESDK_JWKS_URL",
  "CORESDK_JWT_LEEWAY_SECS",
  "CORESDK_VAULT_TYPE",
  "CORESDK_VAULT_ADDR",
  "CORESDK_VAULT_TOKEN",
]);

/** Variables and the path that each one sets, the full name of a path before its short one. */
export function listVariables(): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const { path } of listLeaves()) {
    const full = `${PREFIX}${path.join("_").toUpperCase()}`;
    names.set(full, path);
    if (path[0] === "cloud_events") names.set(full.replace("CLOUD_EVENTS_", ""), path);
  }
  return names;
}

/**
 * Reads the `CORESDK_*` variables. An empty one counts as not set, but for what keeps somebody out or lets us in: nobody
 * can tell whether that was meant.
 */
export function readEnvironment(environment: Environment): ReadEnvironment {
  const variables = listVariables();
  const byPath = new Map<string, Override>();
  const warnings: string[] = [];
  const empty: Override[] = [];
  for (const [name, path] of variables) {
    const key = path.join(".");
    const text = environment[name];
    // Of a list nothing is left either where nothing but what divides its items has come of other variables.
    if (text !== undefined && /^[\s,]*$/.test(text) && (isGuard(path) || isCredential(path))) {
      empty.push({ path, text, name });
    }
    if (text && !byPath.has(key)) byPath.set(key, { path, text, name });
  }
  for (const [alias, name] of ALIASES) {
    const path = variables.get(name);
    const text = environment[alias];
    if (path !== undefined && text && !byPath.has(path.join("."))) {
      byPath.set(path.join("."), { path, text, name: alias });
    }
  }
  // Compared without what all of them begin with: it would make any two of them alike.
  const parts = [...variables.keys()].map((name) => name.slice(PREFIX.length));
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(PREFIX) || variables.has(name) || ALIASES.has(name) || FOREIGN.has(name)) continue;
    const nearest = findNearest(name.slice(PREFIX.length), parts);
    if (nearest !== undefined)
      warnings.push(`${name} is no variable of the sidecar; did you mean ${PREFIX}${nearest}?`);
  }
  // Outer keys first, so that CORESDK_..._TLS=true does not replace what CORESDK_..._TLS_CA has put beneath it.
  const overrides = [...byPath.values()].sort((a, b) => a.path.length - b.path.length);
  return { overrides, empty, warnings };
}
