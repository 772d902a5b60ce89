import { isAbsolute, relative } from "node:path";
import type { PolicyLoadError } from "@coresdk/pipeline";
import { ConfigError } from "../config/issue.ts";
import { createSource, locate, showAll } from "../config/source.ts";

/** Policies that cannot be loaded, as the error of the configuration that they are (semantics, section 9). */
export function toConfigError(error: PolicyLoadError): ConfigError {
  const { place, said } = error;
  if (place === undefined) {
    return new ConfigError([{ message: `policy.dir: ${said}`, origin: undefined }], { cause: error });
  }
  const { line, column, sourceLine } = place;
  const source = createSource(shorten(place.file), sourceLine);
  showAll(source);
  const origin = { ...locate(source, { start: column - 1, end: column }), line };
  return new ConfigError([{ message: said, origin }], { cause: error });
}

/** As it is named from here, when it is below. */
export function shorten(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") || isAbsolute(short) ? path : short;
}
