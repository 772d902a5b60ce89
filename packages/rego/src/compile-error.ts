import { RegoError, type RegoErrorCode } from "./errors.ts";

/** `--> file:line:column`, the line behind its number, a mark below it, and what is wrong. */
const placed = /^\s*--> ([\s\S]+?):(\d+):(\d+)\n\s*\|\n\d+ \|([^\n]*)\n\s*\|\s*\^\n(?:error: )?([\s\S]*)$/;

/** Makes an error of what the engine says, with the place that it names. */
export function readError(code: RegoErrorCode, message: string): RegoError {
  const match = placed.exec(message);
  if (match === null) return new RegoError(code, message.trim());
  const [, file = "", line = "", column = "", sourceLine = "", said = ""] = match;
  const place = {
    file,
    line: Number(line),
    column: Number(column),
    sourceLine: sourceLine.replace(/^ /, ""),
  };
  return new RegoError(code, said.trim(), { place });
}
