import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createDirectory } from "../../../../testing/directory.ts";
import { ConfigError } from "../../src/config/issue.ts";
import { completeConfig, readConfig } from "../../src/config/load.ts";
import type { HostAddresses } from "../../src/config/own-addresses.ts";
import type { LoadedConfig } from "../../src/config/settings.ts";

export { createDirectory } from "../../../../testing/directory.ts";

/** What a test gives to the configuration beside its text. */
export interface Beside {
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, unknown>>;
  /** What host names stand for; none is looked up. */
  readonly hosts?: HostAddresses;
  /** Further files in the configuration's directory, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Loads a text as `coresdk-sidecar.yaml` of an own directory; `undefined` is no file. */
export function load(t: TestContext, text: string | undefined, beside: Beside = {}): LoadedConfig {
  const cwd = createDirectory(t);
  for (const [name, content] of Object.entries(beside.files ?? {})) writeFileSync(join(cwd, name), content);
  if (text !== undefined) writeFileSync(join(cwd, "coresdk-sidecar.yaml"), text);
  const environment = { XDG_CONFIG_HOME: join(cwd, "none"), ...beside.environment };
  return completeConfig(
    readConfig({ flags: beside.flags ?? {}, environment, cwd }),
    beside.hosts ?? new Map(),
  );
}

/** The message with which a configuration is refused. */
export function loadError(t: TestContext, text: string | undefined, beside: Beside = {}): string {
  try {
    load(t, text, beside);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the configuration was accepted");
}
