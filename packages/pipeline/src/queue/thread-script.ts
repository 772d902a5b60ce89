import { existsSync } from "node:fs";

/**
 * The file of the queue's thread, beside the module that starts it.
 *
 * @param module the `import.meta.url` of that module; a bundle in CommonJS has none
 * @throws Error when it is not there, as in a bundle, which has the modules alone
 */
export function findThreadScript(module: string | undefined): URL {
  const file = module?.endsWith(".ts") === true ? "disk-thread.ts" : "disk-thread.js";
  if (URL.canParse(file, module)) {
    const script = new URL(file, module);
    if (existsSync(script)) return script;
  }
  throw new Error(
    `${file} is missing, which the queue's thread runs: keep @coresdk/* external when bundling`,
  );
}
