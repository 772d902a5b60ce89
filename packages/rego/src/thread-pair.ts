import type { RegoError } from "./errors.ts";
import type { ModuleSummary } from "./module-summary.ts";
import { ThreadLink } from "./thread-link.ts";
import type { ThreadStart } from "./thread-protocol.ts";

/** In so many parts of a time is looked whether a thread is ready. */
const LOOKS = 4;
/** For a thread to load the policies, in the time that it took before. */
const PATIENCE = 3;

export interface ThreadSettings {
  readonly start: Pick<ThreadStart, "code" | "policies" | "limits" | "isStrict">;
  readonly deadlineMs: number;
  readonly loadDeadlineMs: number;
}

/** The thread that evaluates, and a second one that stands ready to take its place. */
export class ThreadPair {
  readonly #settings: ThreadSettings;
  #isClosed = false;
  /** How long it took to load the policies; another thread takes what was loaded, and hardly longer. */
  #loadMs = 0;
  /** What threads begin with. */
  #policies: ThreadStart["policies"];
  #current: ThreadLink;
  #spare: ThreadLink | undefined;

  constructor(settings: ThreadSettings) {
    this.#settings = settings;
    this.#policies = settings.start.policies;
    this.#current = this.#begin();
  }

  /**
   * Resolves with what the modules read once the policies are loaded.
   *
   * @throws RegoError when they cannot be
   */
  async open(): Promise<readonly ModuleSummary[]> {
    const begun = performance.now();
    const loaded = await this.#current.loaded();
    this.#loadMs = performance.now() - begun;
    this.#policies = loaded;
    if (!this.#isClosed) this.#spare = this.#begin();
    return loaded.summaries;
  }

  /** A thread that has loaded the policies, or none in about the time that the first one took. */
  async ready(): Promise<ThreadLink | undefined> {
    if (this.#current.hasEnded) this.replace();
    const thread = this.#current;
    if (thread.isLoaded) return thread;
    const waitMs = this.#settings.deadlineMs + PATIENCE * this.#loadMs;
    let timer: NodeJS.Timeout | undefined;
    let looks = 0;
    const late = new Promise<false>((resolve) => {
      // However long this thread is held up, that is one look, and what has come meanwhile is read before it counts.
      const look = (): void => {
        looks++;
        if (looks === LOOKS) setImmediate(resolve, false);
      };
      timer = setInterval(look, waitMs / LOOKS);
    });
    const isLoaded = await Promise.race([
      thread.loaded().then(
        () => true,
        () => false,
      ),
      late,
    ]);
    clearInterval(timer);
    return isLoaded ? thread : undefined;
  }

  /** Puts the thread that stands ready in the place of the one that ended, and begins another. */
  replace(): void {
    if (this.#isClosed) return;
    this.#current = this.#spare?.hasEnded === false ? this.#spare : this.#begin();
    this.#spare = this.#begin();
  }

  /** Ends both; what is under way ends with the reason. */
  async close(reason: RegoError): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#current.close(reason), this.#spare?.close(reason)]);
  }

  #begin(): ThreadLink {
    return new ThreadLink(
      { ...this.#settings.start, policies: this.#policies },
      this.#settings.loadDeadlineMs,
    );
  }
}
