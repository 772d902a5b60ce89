/**
 * Import this first, then a program or test of `testing/` with `import()`: it runs on OTel JS 2.x then.
 *
 * It plays what npm does in an application on 2.x: there is one `@opentelemetry/api`, the application's, and the
 * emitter gets it as its peer. In this workspace there are two, and packages would find the other one.
 */
import { registerHooks } from "node:module";

const SHARED = new URL("../testing/", import.meta.url).href;
const HERE = import.meta.url;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isShared = context.parentURL?.startsWith(SHARED) === true;
    // Named otherwise in 2.x, where its processors are made in another way too.
    if (isShared && specifier === "@opentelemetry/sdk-trace")
      return nextResolve("./sdk-trace.ts", { ...context, parentURL: HERE });
    const isTheirs =
      specifier === "@opentelemetry/api" || (isShared && specifier.startsWith("@opentelemetry/"));
    return nextResolve(specifier, isTheirs ? { ...context, parentURL: HERE } : context);
  },
});
