const COLOURS: ReadonlyMap<string, string> = new Map([
  ["debug", "2"],
  ["info", "32"],
  ["warn", "33"],
  ["error", "31"],
  ["fatal", "31"],
]);

/**
 * One log line for people: time, level, message, and the rest as `key=value`. What a peer's answer may have
 * brought along cannot move the cursor or forge a line.
 */
export function formatPretty(line: string, colours: boolean): string {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return line;
  }
  if (typeof entry !== "object" || entry === null) return line;
  const { level, time, msg, err, ...rest } = { level: "", time: "", msg: "", err: undefined, ...entry };
  const clock = String(time).slice(11, 23);
  const word = String(level).padEnd(5);
  const code = COLOURS.get(String(level));
  const fields = Object.entries(rest).map(([key, value]) => ` ${key}=${formatValue(value)}`);
  const shown = colours && code !== undefined ? `\u001b[${code}m${word}\u001b[0m` : word;
  return `${clock} ${shown} ${clean(String(msg))}${clean(fields.join(""))}${formatError(err)}\n`;
}

function formatValue(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

function formatError(error: unknown): string {
  if (typeof error !== "object" || error === null || !("stack" in error)) return "";
  const lines = String(error.stack).split("\n");
  return lines.map((line) => `\n    ${clean(line)}`).join("");
}

function clean(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?");
}
