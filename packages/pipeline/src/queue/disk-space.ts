import type { DatabaseSync } from "node:sqlite";
import { DiskRoom, type MeasureRoom } from "./disk-room.ts";
import { cutLog, pageBytes, writeProbe } from "./disk-schema.ts";
import { isFull } from "./sqlite-error.ts";

/** Log this much before copying it into the file: large enough that most of it was deleted meanwhile. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;
/** Free pages are given back to the file system once they are this much, and more than half of the file. */
const VACUUM_MIN_BYTES = 64 * 1024 * 1024;
/** Pages given back in one step, which holds up commits meanwhile. */
const VACUUM_STEP_PAGES = 512;
/** … and on a full disk: what a step logs fits the log that is kept there. */
const SPARING_STEP_PAGES = 8;
/** As much goes in one transaction on a full disk: what it logs fits as well. */
const PORTION_BYTES = 256 * 1024;
/** Goes beyond what is lacking at the most, where pages are not quite full. */
const SURPLUS_BYTES = 256 * 1024;

/** What the store can do without. */
export interface Dispensable {
  /** True when there is as much of it. */
  holds(bytes: number): boolean;
  /** Deletes as much of it, in a transaction, and returns how many bytes that were; 0 when nothing is left. */
  letGo(bytes: number): number;
}

export interface DiskSpaceOptions {
  readonly measureRoom?: MeasureRoom;
  /** Frees what was kept for deleting on a disk that others have filled. */
  readonly releaseReserve?: () => void;
}

/** The room that the store takes on the disk: in its file, and in its log until that is copied into the file. */
export class DiskSpace {
  readonly #database: DatabaseSync;
  readonly #room: DiskRoom;
  readonly #options: DiskSpaceOptions;
  #logged = CHECKPOINT_BYTES;

  constructor(database: DatabaseSync, options: DiskSpaceOptions) {
    this.#database = database;
    this.#options = options;
    this.#room = new DiskRoom(options.measureRoom ?? (() => undefined));
  }

  logged(bytes: number): void {
    this.#logged += bytes;
    this.#room.logged(bytes);
  }

  /** @throws DiskFullError when an append of as many bytes has no room */
  check(bytes: number): void {
    this.#room.check(bytes, () => this.#cut());
  }

  /** Commits go to the beginning of the log again then, which takes no room. */
  copyLog(): void {
    this.#database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    this.#logged = 0;
    this.#room.copied();
  }

  /** Copies the log into the file and gives free space back, when it is time. Commits do not depend on it. */
  maintain(): void {
    if (this.#logged < CHECKPOINT_BYTES) return;
    this.copyLog();
    const free = pageBytes(this.#database, "freelist_count");
    if (free > VACUUM_MIN_BYTES && free > pageBytes(this.#database, "page_count") / 2) {
      this.#vacuum(VACUUM_STEP_PAGES);
    }
  }

  /**
   * Writes and deletes that many bytes. The log is copied into the file first, so that its space can be used again.
   *
   * @throws what SQLite throws while the disk does not take them
   */
  probe(bytes: number): void {
    this.copyLog();
    this.check(bytes);
    writeProbe(this.#database, bytes);
  }

  /**
   * Lets go of what an append of that size needs, and gives the pages back to the file system, where the log takes its
   * room. Nothing goes when all of it would not do.
   *
   * @param least goes in any case: SQLite found no room where there seemed to be some
   * @returns whether there is room now
   */
  clear(bytes: number, least: number, dispensable: Dispensable): boolean {
    let unmet = least;
    let within = this.#cutWithReserve();
    let lacking = Math.max(unmet, this.#room.lacking(bytes, within));
    if (!dispensable.holds(lacking)) return false;
    // A file system that is slow to tell what it got back, or that others fill, takes no more than this.
    let allowed = lacking + SURPLUS_BYTES;
    while (lacking > 0 || !this.#room.fits(bytes, within)) {
      if (lacking > 0) {
        const gone = allowed > 0 ? dispensable.letGo(Math.min(lacking, PORTION_BYTES)) : 0;
        if (gone === 0) return false;
        allowed -= gone;
        unmet = Math.max(0, unmet - gone);
      }
      this.#vacuum(SPARING_STEP_PAGES);
      within = this.#cut();
      lacking = Math.max(unmet, this.#room.lacking(bytes, within));
    }
    return true;
  }

  /** A disk that others have filled does not even take that. */
  #cutWithReserve(): number {
    try {
      return this.#cut();
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#options.releaseReserve?.();
      return this.#cut();
    }
  }

  #vacuum(pages: number): void {
    this.#database.exec(`PRAGMA incremental_vacuum(${pages})`);
  }

  /** Leaves no long log to take room, and returns how many bytes the file has for others. */
  #cut(): number {
    this.copyLog();
    cutLog(this.#database);
    return pageBytes(this.#database, "freelist_count");
  }
}
