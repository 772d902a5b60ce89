import type { ConfigDocument } from "./document.ts";
import type { Environment } from "./interpolate.ts";
import type { Merged, PathIssue } from "./merge.ts";
import type { HostAddresses } from "./own-addresses.ts";
import type { Path } from "./tree.ts";

/** What the parts of resolving share: the question, and where they say what is wrong. */
export interface Resolution {
  readonly document: ConfigDocument;
  readonly environment: Environment;
  readonly merged: Merged;
  readonly hosts: HostAddresses;
  readonly issues: PathIssue[];
  readonly warnings: string[];
  fail(path: Path, message: string): void;
}

export function createResolution(
  document: ConfigDocument,
  merged: Merged,
  environment: Environment,
  hosts: HostAddresses,
): Resolution {
  const issues: PathIssue[] = [];
  return {
    document,
    environment,
    merged,
    hosts,
    issues,
    warnings: [],
    fail: (path, message) => void issues.push({ path, message }),
  };
}
