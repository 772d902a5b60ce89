/**
 * Import cycles: each strongly connected set of files with more than one member, or one that imports itself
 * (Tarjan's algorithm). Files in a set come in the order in which the search left them.
 *
 * @param imports for each file, the files that it imports
 */
export function findCycles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const open: string[] = [];
  const cycles: string[][] = [];

  const search = (file: string): number => {
    const at = order.size;
    order.set(file, at);
    let lowest = at;
    open.push(file);
    for (const target of imports.get(file) ?? []) {
      if (!order.has(target)) lowest = Math.min(lowest, search(target));
      else if (open.includes(target)) lowest = Math.min(lowest, order.get(target) ?? lowest);
    }
    if (lowest === at) {
      const members = open.splice(open.indexOf(file));
      if (members.length > 1 || imports.get(file)?.includes(file)) cycles.push(members);
    }
    return lowest;
  };
  for (const file of imports.keys()) if (!order.has(file)) search(file);
  return cycles;
}
