import { existsSync, renameSync, rmSync } from "node:fs";
import { startBroker } from "./broker.ts";

/**
 * Keeps the classes that a broker loads in an archive, unless there is one: every broker and tool after it then
 * starts in half the time.
 */
export async function archiveClasses(archive: string): Promise<void> {
  if (existsSync(archive)) return;
  const own = `${archive}-${process.pid}`;
  try {
    const broker = await startBroker([`-XX:ArchiveClassesAtExit=${own}`]);
    // Java writes the archive when it ends.
    await broker.stop();
    if (existsSync(own)) renameSync(own, archive);
  } finally {
    rmSync(own, { force: true });
  }
}
