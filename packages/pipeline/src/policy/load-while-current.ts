import type { Clock } from "../contracts.ts";

/** So often it is looked whether a load is still wanted. */
const LOOK_MS = 200;

/**
 * Gives up a load whose files have changed meanwhile: what is there now is to be in force within a second.
 *
 * @returns what was loaded; `undefined` when it was given up
 * @throws what the load throws
 */
export async function loadWhileCurrent<Loaded>(
  load: (signal: AbortSignal) => Promise<Loaded>,
  isStale: () => Promise<boolean>,
  clock: Clock,
): Promise<Loaded | undefined> {
  const giveUp = new AbortController();
  let isOver = false;
  let cancel = (): void => {};
  const look = async (): Promise<void> => {
    if (await isStale().catch(() => false)) giveUp.abort();
    else if (!isOver) lookLater();
  };
  const lookLater = (): void => {
    cancel = clock.schedule(LOOK_MS, () => void look());
  };
  lookLater();
  try {
    return await load(giveUp.signal);
  } catch (error) {
    if (giveUp.signal.aborted) return undefined;
    throw error;
  } finally {
    isOver = true;
    cancel();
  }
}
