import { existsSync, readFileSync } from "node:fs";

/** Compiled code of the engine; it can be sent to a thread. */
export interface EngineCode {
  readonly [Symbol.toStringTag]: string;
}

/** As much of WebAssembly's interface as is used here; the types of Node do not have it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => EngineCode;
  readonly Instance: new (code: EngineCode) => { readonly exports: Readonly<Record<string, unknown>> };
};

/** Of the built module; the same place from `src` and from `dist`. */
const WASM = "../wasm/rego.wasm";

let compiled: EngineCode | undefined;

/**
 * Compiles the code, once a thread, unless it has been handed in.
 *
 * @throws Error when its file is not there, as in a bundle, which has the modules alone
 */
export function engineCode(): EngineCode {
  compiled ??= new WebAssembly.Module(readFileSync(locate()));
  return compiled;
}

function locate(): URL {
  // A bundle in CommonJS has no `import.meta.url`.
  if (URL.canParse(WASM, import.meta.url)) {
    const location = new URL(WASM, import.meta.url);
    if (existsSync(location)) return location;
  }
  throw new Error("rego.wasm is missing, the policy engine: keep @coresdk/* external when bundling");
}

/** Hands in what another thread has compiled. */
export function useEngineCode(code: EngineCode): void {
  compiled = code;
}

/** Makes an instance, with a memory of its own, and gives its exports. The code imports nothing. */
export function instantiate(): Readonly<Record<string, unknown>> {
  return new WebAssembly.Instance(engineCode()).exports;
}
