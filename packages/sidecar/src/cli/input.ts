import type { ConfigInput } from "../config/load.ts";

/** The configuration's sources, as this process has them. */
export function readInput(flags: Readonly<Record<string, unknown>>): ConfigInput {
  return { flags, environment: process.env, cwd: process.cwd() };
}
