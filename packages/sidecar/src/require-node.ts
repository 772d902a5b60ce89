/** Loaded before all else, so that an older Node is told what is needed, and not which function it lacks. */
const needed = [24, 6] as const;
const found = process.versions.node;
const [major = 0, minor = 0] = found.split(".").map(Number);
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  throw new Error(`@coresdk/sidecar needs Node.js ${needed.join(".")} or newer; this is ${found}`);
}
