/**
 * Tells emitters of the end of the process. One listener of each kind serves all of them: an application with many
 * emitters is not warned of a leak, and the last one that ends takes the listeners with it.
 */

/** What an emitter does at the end of the process. Must not throw. */
export interface EndWatcher {
  /** The process has nothing left to do. What is started here may go on. */
  readonly beforeEnd: () => void;
  /** The process ends now, whatever is started. */
  readonly atEnd: () => void;
}

const watchers = new Set<EndWatcher>();

/** Watches the end of the process, once however often it is called. Does not keep the process alive. */
export function watchProcessEnd(watcher: EndWatcher): void {
  if (watchers.size === 0) {
    process.on("beforeExit", beforeExit);
    process.on("exit", exit);
  }
  watchers.add(watcher);
}

export function unwatchProcessEnd(watcher: EndWatcher): void {
  if (!watchers.delete(watcher) || watchers.size > 0) return;
  process.off("beforeExit", beforeExit);
  process.off("exit", exit);
}

function beforeExit(): void {
  // The application's own listeners come later, and may emit.
  process.nextTick(() => {
    for (const { beforeEnd } of [...watchers]) beforeEnd();
  });
}

function exit(): void {
  for (const { atEnd } of [...watchers]) atEnd();
}
