import { type Logger, pino } from "pino";
import type { LogSettings } from "../config/settings.ts";
import { formatPretty } from "./pretty.ts";

export type { Logger } from "pino";

/** Where log lines go: stderr, so that stdout is the command's own. */
export interface LogStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Logs as JSON lines, or as lines for people when asked to or on a terminal. */
export function createLogger(settings: LogSettings, stream: LogStream): Logger {
  const pretty = settings.format === "pretty" || (settings.format === "auto" && stream.isTTY === true);
  const colours = pretty && stream.isTTY === true && !process.env["NO_COLOR"];
  return pino(
    {
      level: settings.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.errWithCause },
    },
    { write: (line) => void stream.write(pretty ? formatPretty(line, colours) : line) },
  );
}
