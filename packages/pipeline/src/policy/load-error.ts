import { join } from "node:path";
import { RegoError, type RegoPlace } from "@coresdk/rego";

/** A policy folder that cannot be put in force: it cannot be read, is too large, or does not compile. */
export class PolicyLoadError extends Error {
  override readonly name = "PolicyLoadError";
  /** Where, when a policy is wrong; the message begins with it, or else with the folder. */
  readonly place: RegoPlace | undefined;
  /** The message without the place. */
  readonly said: string;
  /** False when the same files may load another time. */
  readonly lasting: boolean;

  constructor(dir: string, error: RegoError) {
    const { code, said } = error;
    const place =
      error.place === undefined ? undefined : { ...error.place, file: join(dir, error.place.file) };
    const where = place === undefined ? dir : `${place.file}:${place.line}:${place.column}`;
    super(`${where}: ${said}`, { cause: error });
    this.place = place;
    this.said = said;
    this.lasting = code === "compile" || code === "document" || code === "limit";
  }
}

/**
 * Does a part of a load.
 *
 * @throws PolicyLoadError in the place of a RegoError
 */
export async function attemptLoad<Result>(dir: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof RegoError) throw new PolicyLoadError(dir, error);
    throw error;
  }
}
