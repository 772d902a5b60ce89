/** A process sees few distinct header names; what comes beyond that only empties the cache. */
const MAX_NAMES = 256;
const MAX_LENGTH = 64;

/** Remembers what `find` makes of a name. What it throws is not remembered. */
export function rememberNames(find: (name: string) => string): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const found = find(name);
    if (name.length <= MAX_LENGTH) {
      if (known.size === MAX_NAMES) known.clear();
      known.set(name, found);
    }
    return found;
  };
}
