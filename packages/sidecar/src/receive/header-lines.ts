/** How often a header comes among lines as they came, names and values in turn; `name` is in lower case. */
export function countLines(headerLines: readonly string[], name: string): number {
  let count = 0;
  for (let i = 0; i < headerLines.length; i += 2) {
    const found = headerLines[i];
    if (found?.length === name.length && found.toLowerCase() === name) count++;
  }
  return count;
}
