import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Directories of the emitters of this process that are not shut down. */
const claimed = new Set<string>();

/**
 * Claims a queue's directory for one emitter of this process. Queues are opened in the background: without a claim it
 * would be chance which of two has the directory, and events of the other would be lost.
 *
 * @returns what gives the directory back
 * @throws Error when another emitter of this process has it
 */
export function claimDirectory(dir: string): () => void {
  const path = resolveLinks(resolve(dir));
  if (claimed.has(path)) {
    throw new Error(
      `CloudEventEmitter: queue.dir ${dir} belongs to another emitter of this process until it is shut down; ` +
        "register that one with both providers, or give each a directory",
    );
  }
  claimed.add(path);
  let mine = true;
  return () => {
    // Whoever has it by then keeps it.
    if (mine) claimed.delete(path);
    mine = false;
  };
}

/** The path without symbolic links, as far as it is there. */
function resolveLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(resolveLinks(parent), basename(path));
  }
}
