/** Types, sources and names repeat from event to event; what comes beyond this only empties the memory. */
const MAX_TEXTS = 256;
/** Longer texts hardly repeat, and hostile ones shall not fill the memory. */
const MAX_LENGTH = 128;

/** Remembers what `find` gave for a text, but not `undefined`, nor what it throws. */
export function remember<T>(find: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = find(text);
    if (found !== undefined && text.length <= MAX_LENGTH) {
      if (known.size === MAX_TEXTS) known.clear();
      known.set(text, found);
    }
    return found;
  };
}
