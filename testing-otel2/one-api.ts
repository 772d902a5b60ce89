/**
 * Plays what npm does in an application on OTel JS 2.x: there is one `@opentelemetry/api`, the application's, and
 * the emitter gets it as its peer. In this workspace there are two, and packages would find the other one.
 * Import this first, then everything else with `import()`.
 */
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== "@opentelemetry/api") return nextResolve(specifier, context);
    return nextResolve(specifier, { ...context, parentURL: import.meta.url });
  },
});
