/**
 * The entries of the data (semantics, section 3). When two things want one key, the one with precedence has
 * it; the other keeps its attribute name or, where that is the key itself, becomes `attributes.<name>`.
 */
import type { Draft } from "../draft.ts";
import type { AnyValue } from "../log-event.ts";
import { type Claim, COMPUTED, type KeyTable } from "./key-table.ts";

/**
 * How often a name may come again in one list. OTLP: "The keys MUST be unique". Each one that comes again takes a key
 * of its own, which is looked up, masked and written: twice is a mistake of a sender, a hundred times is none.
 */
const MAX_REPEATS = 100;
const DISTINCT = `without a name that comes more than ${MAX_REPEATS} times`;

/** Gives the keys of one event after the other. */
export class Entries {
  readonly #table: KeyTable;
  /** Precedence of each entry. Only as many as the draft has entries belong to the event being wrapped. */
  readonly #ranks: number[] = [];

  constructor(table: KeyTable) {
    this.#table = table;
  }

  /** Keeps a key for what the encoder writes by itself. */
  reserve(key: string): void {
    const claim = this.#table.claim(key);
    claim.event = this.#table.event;
    claim.entry = -1;
    claim.turnedAway = 0;
  }

  /** Adds an entry to the draft, under the key of the claim or another; refuses the draft when there is none left. */
  add(draft: Draft, rank: number, name: string, claim: Claim, value: AnyValue): void {
    if (draft.fault !== undefined) return;
    const entry = draft.keys.length;
    this.#ranks[entry] = rank;
    draft.add(name, claim.key, value);
    if (claim.event !== this.#table.event) {
      claim.event = this.#table.event;
      claim.entry = entry;
      claim.turnedAway = 0;
      return;
    }
    const holder = claim.entry;
    const holderRank = holder < 0 ? COMPUTED : (this.#ranks[holder] ?? COMPUTED);
    if (holderRank <= rank) {
      this.#rename(draft, entry, claim);
    } else {
      claim.entry = entry;
      this.#rename(draft, holder, claim);
    }
  }

  #rename(draft: Draft, entry: number, lost: Claim): void {
    const table = this.#table;
    const name = draft.names[entry] ?? "";
    let claim = table.claim(name);
    if (claim.event === table.event) {
      // The name is taken as well, or it is the key that was lost.
      claim = table.claim(`attributes.${name}`);
      while (claim.event === table.event) {
        lost.turnedAway += 1;
        if (lost.turnedAway >= MAX_REPEATS) {
          draft.refuse(DISTINCT);
          return;
        }
        claim = table.claim(`attributes.${name}.${lost.turnedAway + 1}`);
      }
    }
    claim.event = table.event;
    claim.entry = entry;
    claim.turnedAway = 0;
    draft.keys[entry] = claim.key;
  }
}
