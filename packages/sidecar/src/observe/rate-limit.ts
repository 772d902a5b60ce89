import type { Clock } from "@coresdk/pipeline";

/** How often one thing may be said. */
const WINDOW_MS = 10_000;
/** Things told apart; beyond it all further ones count as one. */
const MAX_KEYS = 512;
const OVERFLOW = "(others)";

/** Lets the first of each kind through, and then at most one in ten seconds that says how many there were. */
export interface RateLimit {
  /** Calls `say` now or at the end of the window, with how many were kept back since the last one. */
  pass(key: string, say: (keptBack: number) => void): void;
}

interface Window {
  keptBack: number;
  say: (keptBack: number) => void;
}

export function createRateLimit(clock: Clock): RateLimit {
  const windows = new Map<string, Window>();

  const open = (key: string, say: Window["say"]): void => {
    windows.set(key, { keptBack: 0, say });
    clock.schedule(WINDOW_MS, () => {
      const window = windows.get(key);
      windows.delete(key);
      if (window === undefined || window.keptBack === 0) return;
      // The last one kept back is said now, for all of them.
      window.say(window.keptBack - 1);
      open(key, window.say);
    });
  };

  return {
    pass(wanted, say) {
      const key = windows.has(wanted) || windows.size < MAX_KEYS ? wanted : OVERFLOW;
      const window = windows.get(key);
      if (window === undefined) {
        say(0);
        open(key, say);
      } else {
        window.keptBack++;
        window.say = say;
      }
    },
  };
}
