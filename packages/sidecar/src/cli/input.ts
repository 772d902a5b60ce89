import type { ConfigInput } from "../config/load.ts";
import { CommandError } from "./exit-code.ts";

/** The configuration's sources, as this process has them. */
export function readInput(flags: Readonly<Record<string, unknown>>): ConfigInput {
  return { flags, environment: process.env, cwd: findDirectory() };
}

/**
 * The working directory.
 * @throws CommandError when it was removed
 */
export function findDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new CommandError("the working directory is not there any more", { cause: error });
  }
}
