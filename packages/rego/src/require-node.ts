/** Loaded before all else, so that an older Node is told what is needed, and not which function it lacks. */
const needed = 22;
const found = process.versions.node;
if (Number.parseInt(found, 10) < needed) {
  throw new Error(`@coresdk/rego needs Node.js ${needed} or newer; this is ${found}`);
}
