import { Mutator } from "./mutator.ts";

/** Something that reads bytes from outside. */
export interface Target {
  readonly name: string;
  /** Good inputs. */
  readonly corpus: readonly Uint8Array[];
  /** Pieces that mean something to it. */
  readonly dictionary: readonly Uint8Array[];
  /**
   * Reads one input, checks what came of it, and says whether it was taken.
   * @throws anything, when the input did what no input may do
   */
  feed(input: Buffer): "taken" | "refused" | Promise<"taken" | "refused">;
}

export interface Tally {
  readonly taken: number;
  readonly refused: number;
}

/**
 * Feeds a target with so many faulty inputs.
 * @throws Error with the seed, the run and the input, when one of them did what no input may do
 */
export async function fuzz(target: Target, seed: number, runs: number): Promise<Tally> {
  const mutator = new Mutator(seed, target.corpus, target.dictionary);
  const tally = { taken: 0, refused: 0 };
  for (let run = 0; run < runs; run++) {
    const input = mutator.make();
    const shown = input.toString("base64");
    try {
      tally[await target.feed(input)] += 1;
    } catch (cause) {
      throw new Error(`${target.name}, seed ${seed}, run ${run}; the input in base64: ${shown}`, { cause });
    }
  }
  return tally;
}
