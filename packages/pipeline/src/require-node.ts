/**
 * Loaded before all else, so that an older Node is told what is needed, and not which function it lacks. What masks
 * runs without Node as well, where there may be no `process`.
 */
const needed = 22;
const found = typeof process === "undefined" ? undefined : process.versions?.node;
if (found !== undefined && Number.parseInt(found, 10) < needed) {
  throw new Error(`@coresdk/pipeline needs Node.js ${needed} or newer; this is ${found}`);
}
