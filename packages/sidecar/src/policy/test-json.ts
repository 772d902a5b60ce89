/** JSON that a person wrote: where it is wrong, in which line. */
import { readFile, stat } from "node:fs/promises";

/** A file that is no test case; the message says why, without naming the file. */
export class TestCaseError extends Error {
  override readonly name = "TestCaseError";
  /** `:line:column`, from 1, to be put behind the file's name; `""` when it is the whole file. */
  readonly place: string;

  constructor(
    message: string,
    { place = "", cause }: { readonly place?: string; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.place = place;
  }
}

const MAX_BYTES = 1024 * 1024;

/**
 * Reads a file of JSON; a byte order mark is none of its text.
 *
 * @throws TestCaseError when it cannot be read, is too large or is no JSON
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : "";
    const [why = ""] = said.split(/,? (?:in JSON|after JSON at|"|\.{3})/);
    throw new TestCaseError(why === "" ? "is no JSON" : `is no JSON: ${why}`, {
      place: placeOf(text, findError(text, said)),
      cause,
    });
  }
}

async function readText(path: string): Promise<string> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw new TestCaseError("is no file");
    if (stats.size > MAX_BYTES) throw new TestCaseError(`is larger than ${MAX_BYTES} bytes`);
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    if (cause instanceof TestCaseError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TestCaseError(`cannot be read: ${why}`, { cause });
  }
}

/**
 * The offset at which a text stops being JSON. V8 says it, except of a token that it does not expect: that one is the
 * last of the shortest part of the text of which it says so.
 */
function findError(text: string, said: string): number {
  const position = /at position (\d+)/.exec(said)?.[1];
  if (position !== undefined) return Number(position);
  let [right, wrong] = [0, text.length];
  if (!isUnexpected(text)) return wrong;
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    if (isUnexpected(text.slice(0, middle))) wrong = middle;
    else right = middle;
  }
  return right;
}

function isUnexpected(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return error instanceof Error && error.message.startsWith("Unexpected token");
  }
}

function placeOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split("\n");
  return `:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
}
