#!/usr/bin/env node
// Nodes as old as 14 read this file, so that they can be told what is needed: no newer syntax here, and
// nothing imported before the version is known.

const needed = [24, 6];
const found = process.versions.node.split(".").map(Number);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  process.stderr.write(
    `coresdk-sidecar needs Node.js ${needed.join(".")} or newer; this is ${process.versions.node}.\n` +
      "Install a current version from https://nodejs.org, or with your version manager.\n",
  );
  process.exitCode = 1;
} else {
  start().catch((error) => {
    process.stderr.write(`coresdk-sidecar: ${error?.stack ?? error}\n`);
    process.exitCode = 1;
  });
}

async function start() {
  const { existsSync } = await import("node:fs");
  const { fileURLToPath } = await import("node:url");
  const source = new URL("../src/main.ts", import.meta.url);
  // Under node_modules Node runs no TypeScript: an installed package brings its JavaScript along.
  const installed = /[\\/]node_modules[\\/]/.test(fileURLToPath(import.meta.url));
  if (installed || !existsSync(source)) return import(new URL("../dist/main.js", import.meta.url).href);
  const { enableCompileCache, registerHooks } = await import("node:module");
  // Taking the types out takes longer than all that --help does. The cache is the checkout's own: what lies in
  // a directory that others may write to is not run.
  enableCompileCache(fileURLToPath(new URL("../../../node_modules/.cache/coresdk-sidecar", import.meta.url)));
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, "coresdk-source"] }),
  });
  return import(source.href);
}
