import type { StoredDeadLetter } from "../contracts.ts";
import { letterCost } from "./admission.ts";
import type { Burial } from "./disk-protocol.ts";
import { integerIn, type Row, type Statements, textIn } from "./disk-statements.ts";
import { isLetterSound, type Totals, toLetter, writeLetter } from "./stored-rows.ts";

/** Of as many dead letters it is looked up at once how large they are. */
const LOOK_AT = 64;

/** The dead letters of the store. What changes them runs within the caller's transaction, and keeps its totals. */
export class DiskLetters {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** The oldest ones, and beside them those that are damaged. */
  read(limit: number): { readonly sound: StoredDeadLetter[]; readonly damaged: Row[] } {
    const sound: StoredDeadLetter[] = [];
    const damaged: Row[] = [];
    for (const row of this.#statements.readLetters.all(limit)) {
      const letter = toLetter(row);
      if (isLetterSound(row, letter)) sound.push(letter);
      else damaged.push(row);
    }
    return { sound, damaged };
  }

  write({ reader, letters }: Burial, totals: Totals): void {
    for (const letter of letters) {
      writeLetter(this.#statements, reader, letter);
      totals.bytes += letterCost(letter);
      totals.letters++;
    }
  }

  /** @param row with the `size` of the event */
  delete(row: Row, totals: Totals): void {
    this.#statements.deleteLetter.run(integerIn(row, "id"));
    totals.bytes -= costOf(row);
    totals.letters--;
  }

  /** Whether they count for as many bytes; looks no further than that. */
  hold(bytes: number): boolean {
    let sum = 0;
    if (bytes <= 0) return true;
    for (const row of this.#statements.oldestLetters.iterate(-1)) {
      sum += costOf(row);
      if (sum >= bytes) return true;
    }
    return false;
  }

  /** Lets the oldest go until the store has no more than that many bytes, or no dead letter. */
  giveWay(maxBytes: number, totals: Totals): void {
    while (totals.bytes > maxBytes) {
      const oldest = this.#statements.oldestLetters.all(LOOK_AT);
      if (oldest.length === 0) return;
      for (const row of oldest) {
        if (totals.bytes <= maxBytes) return;
        this.delete(row, totals);
      }
    }
  }
}

/** As it was counted when the letter was written. */
function costOf(row: Row): number {
  return letterCost({
    reason: textIn(row, "reason"),
    detail: textIn(row, "detail"),
    lastStatus: textIn(row, "last_status"),
    event: { byteLength: integerIn(row, "size") },
  });
}
