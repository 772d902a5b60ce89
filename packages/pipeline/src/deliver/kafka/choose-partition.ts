/** Keys whose hash is remembered; hashing one takes microseconds, and milliseconds when it is long. */
const MAX_KEYS = 8192;

/** The partition of a record. */
export type ChoosePartition = (key: Buffer | undefined, partitions: number) => number;

/**
 * Chooses by the key's hash, as Java clients do when it is their hash; records without a key go to each
 * partition in turn, from a random one on.
 *
 * @param hash a hash of the key, not negative
 * @param random a number in [0, 1)
 */
export function partitionChooser(hash: (key: Buffer) => number, random: number): ChoosePartition {
  let turn = Math.floor(random * 2 ** 16);
  let recent = new Map<string, number>();
  let older = new Map<string, number>();
  const remembered = (key: Buffer): number => {
    const name = key.toString("latin1");
    const known = recent.get(name) ?? older.get(name);
    if (known !== undefined) return known;
    if (recent.size >= MAX_KEYS / 2) {
      older = recent;
      recent = new Map();
    }
    const fresh = hash(key);
    recent.set(name, fresh);
    return fresh;
  };
  return (key, partitions) => {
    if (key !== undefined) return remembered(key) % partitions;
    turn = (turn + 1) % partitions;
    return turn;
  };
}
