import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MeasureRoom } from "./disk-room.ts";

/** The file of the reserve. */
export const RESERVE = "queue.reserve";
const RESERVE_BYTES = 1024 * 1024;
/** Taken only where it is a small part of what is free. */
const PLENTY_BYTES = 4 * RESERVE_BYTES;

/**
 * Room on the disk that is taken while there is plenty, and given up when others have filled it: enough to note what
 * was delivered and to delete it.
 */
export class DiskReserve {
  readonly #file: string;
  readonly #measure: MeasureRoom;

  constructor(dir: string, measure: MeasureRoom) {
    this.#file = join(dir, RESERVE);
    this.#measure = measure;
  }

  take(): void {
    if ((this.#measure() ?? 0) < PLENTY_BYTES) return;
    try {
      // Zeros would take no room where the file system compresses.
      writeFileSync(this.#file, randomBytes(RESERVE_BYTES), { flag: "wx", mode: 0o600 });
    } catch {
      // It is there, or there is no room after all.
    }
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }
}
