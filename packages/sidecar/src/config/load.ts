import type { ConfigDocument } from "./document.ts";
import { findConfigFile } from "./find-file.ts";
import type { Environment } from "./interpolate.ts";
import { ConfigError, type ConfigIssue } from "./issue.ts";
import { type Merged, mergeConfig } from "./merge.ts";
import { type HostAddresses, lookUpHosts } from "./own-addresses.ts";
import { createResolution } from "./resolution.ts";
import { resolveConfig, resolveDataDir } from "./resolve.ts";
import { listHostNames } from "./resolve-upstream.ts";
import type { ListenAddress, LoadedConfig } from "./settings.ts";
import { createTreeMap, isTreeMap, readAt, writeAt } from "./tree.ts";
import { validateConfig } from "./validate.ts";

/** Where a configuration comes from. */
export interface ConfigInput {
  /** Flags by the property under which the command line gives them; `config` names the file. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Environment;
  /** What relative paths outside the file are relative to. */
  readonly cwd: string;
  /**
   * The file in force, as {@link LoadedConfig} names it, when this is a reload: that it has vanished is an
   * error then, instead of a return to the defaults.
   */
  readonly inForce?: string | undefined;
  /** No file is read, not even one that is there. */
  readonly noFile?: boolean;
}

/**
 * Reads, validates and completes the configuration: flag, environment, file, default, in that order.
 *
 * @throws ConfigError with everything that is wrong, each with its place
 */
export async function loadConfig(input: ConfigInput): Promise<LoadedConfig> {
  const read = readConfig(input);
  const names = listHostNames(read.document, input.environment);
  return completeConfig(read, await lookUpHosts(names));
}

/** A configuration that is valid key by key. */
export interface ReadConfig {
  readonly document: ConfigDocument;
  readonly merged: Merged;
  readonly file: string | undefined;
  readonly environment: Environment;
}

/** The first half of {@link loadConfig}. */
export function readConfig(input: ConfigInput): ReadConfig {
  const { merged, file } = merge(input);
  const validated = validateConfig(merged);
  const issues = merged.issues.map(({ issue }) => issue);
  if (!validated.ok) issues.push(...validated.issues.map((issue) => merged.place(issue)));
  if (!validated.ok || issues.length > 0) throw new ConfigError(sortIssues(issues));
  return { document: validated.document, merged, file, environment: input.environment };
}

/** The second half of {@link loadConfig}, once it is known what host names stand for. */
export function completeConfig(
  { document, merged, file, environment }: ReadConfig,
  hosts: HostAddresses,
): LoadedConfig {
  const resolution = createResolution(document, merged, environment, hosts);
  const settings = resolveConfig(resolution);
  if (resolution.issues.length > 0) {
    throw new ConfigError(sortIssues(resolution.issues.map((issue) => merged.place(issue))));
  }
  return { settings, file, warnings: [...merged.warnings, ...resolution.warnings] };
}

/** What a command needs that talks to a running sidecar. */
export interface SidecarAddress {
  readonly dataDir: string;
  /** Its admin listener, when the command line names that. */
  readonly admin: ListenAddress | undefined;
}

const QUEUE_DIR = ["queue", "dir"] as const;
const ADMIN_ENDPOINT = ["admin", "endpoint"] as const;

/**
 * Finds the running sidecar by its configuration. Only what says where it is must be right: `tap` works in a
 * shell without the variables that hold the sidecar's secrets, and beside a file that is being edited. What the
 * command line or the environment says is not looked for in the file.
 *
 * @throws ConfigError when the file is needed and is no YAML, or `queue.dir` or `--admin` is wrong
 */
export function locateSidecar(input: ConfigInput): SidecarAddress {
  const { merged } = merge(input);
  const named = merged.setBy(ADMIN_ENDPOINT) === "flag" ? ADMIN_ENDPOINT : QUEUE_DIR;
  const [section, key] = named;
  const setBy = merged.setBy(named);
  if (setBy !== "flag" && setBy !== "environment") {
    const concerned = merged.issues.filter(({ path }) => path.every((part, i) => part === named[i]));
    if (concerned.length > 0) throw new ConfigError(concerned.map(({ issue }) => issue));
  }
  const tree = createTreeMap();
  const within = merged.tree[section];
  const value = isTreeMap(within) ? readAt(within, [key]) : within;
  if (value !== undefined) writeAt(tree, isTreeMap(within) ? named : [section], value);
  const validated = validateConfig({ ...merged, tree });
  if (!validated.ok) throw new ConfigError(validated.issues.map((issue) => merged.place(issue)));
  const document: ConfigDocument = validated.document;
  return { dataDir: resolveDataDir(document.queue, merged), admin: document.admin?.endpoint };
}

/**
 * The package of the egress policy, of a configuration that need not be right otherwise.
 *
 * @throws ConfigError when the file is no YAML, or this key is wrong
 */
export function findEgressPackage(input: ConfigInput): string | undefined {
  const { merged } = merge(input);
  const broken = merged.issues.filter(({ path }) => path.length === 0);
  if (broken.length > 0) throw new ConfigError(broken.map(({ issue }) => issue));
  const name = readAt(merged.tree, EGRESS_POLICY);
  if (name === undefined) return undefined;
  const tree = createTreeMap();
  writeAt(tree, EGRESS_POLICY, name);
  const validated = validateConfig({ ...merged, tree });
  if (!validated.ok) throw new ConfigError(validated.issues.map((issue) => merged.place(issue)));
  return validated.document.cloud_events?.customer_egress_policy;
}

const EGRESS_POLICY = ["cloud_events", "customer_egress_policy"];

function merge({ flags, environment, cwd, noFile, inForce }: ConfigInput): {
  readonly merged: Merged;
  readonly file: string | undefined;
} {
  const named = flags["config"];
  const file =
    noFile === true
      ? undefined
      : findConfigFile(typeof named === "string" ? named : undefined, environment, cwd, inForce);
  return { merged: mergeConfig({ file, environment, flags, cwd }), file: file?.name };
}

/** In the order in which they stand in the file; what has another origin comes first. */
function sortIssues(issues: readonly ConfigIssue[]): readonly ConfigIssue[] {
  const rank = ({ origin }: ConfigIssue): number =>
    origin?.kind === "file" ? origin.line * 10_000 + Math.min(origin.column, 9_999) : 0;
  return [...issues].sort((a, b) => rank(a) - rank(b));
}
