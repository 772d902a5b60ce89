/** What stays free of appends: that events are done is noted with it, on a disk that holds nothing but the queue. */
const HEADROOM_BYTES = 1024 * 1024;

/** The disk has no room for an append. */
export class DiskFullError extends Error {
  override readonly name = "DiskFullError";
}

/** How many bytes the file system of the queue has free; `undefined` when it does not say. */
export type MeasureRoom = () => number | undefined;

/**
 * Keeps appends from taking the last of the disk. Until the log is copied into the file, its pages stand in it and
 * will stand in the file: without room for both, nothing could be copied, deleted or given back any more.
 */
export class DiskRoom {
  readonly #measure: MeasureRoom;
  /** Bytes logged since the log was copied. */
  #logged = 0;

  constructor(measure: MeasureRoom) {
    this.#measure = measure;
  }

  logged(bytes: number): void {
    this.#logged += bytes;
  }

  copied(): void {
    this.#logged = 0;
  }

  /**
   * Checks that as many bytes fit, in the log and in the file.
   *
   * @param giveBack copies the log, cuts it off, and tells how many bytes within the file are free
   * @throws DiskFullError when they do not
   */
  check(bytes: number, giveBack: () => number): void {
    if (this.#has(HEADROOM_BYTES + 2 * bytes + this.#logged) || this.fits(bytes, giveBack())) return;
    throw new DiskFullError(`the disk is full: ${this.#measure() ?? 0} bytes are free`);
  }

  /** Whether as many bytes fit beside a log that is copied, into a file with that many bytes free within. */
  fits(bytes: number, within: number): boolean {
    return this.#has(HEADROOM_BYTES + bytes + Math.max(0, bytes - within));
  }

  /** How many bytes must become free for that, in the file or beside it; 0 when they are only in the wrong place. */
  lacking(bytes: number, within: number): number {
    const free = this.#measure() ?? Number.POSITIVE_INFINITY;
    return Math.max(0, HEADROOM_BYTES + 2 * bytes - within - free);
  }

  #has(bytes: number): boolean {
    return (this.#measure() ?? Number.POSITIVE_INFINITY) >= bytes;
  }
}
