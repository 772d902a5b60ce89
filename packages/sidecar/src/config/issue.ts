/** A stretch of a file: line and columns count from 1, in UTF-16 units; `text` is fit to be shown. */
export interface FilePlace {
  readonly kind: "file";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters are marked. */
  readonly width: number;
  /** The line, with every secret in it replaced; see `source.ts`. */
  readonly text: string;
  /** Where the mark begins in `text`, from 0. */
  readonly mark: number;
}

/** Where a value came from. */
export type Origin =
  | FilePlace
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "flag"; readonly name: string };

/** One thing that is wrong with a configuration. Messages never repeat a value. */
export interface ConfigIssue {
  readonly message: string;
  readonly origin: Origin | undefined;
}

/** The configuration cannot be used. The message holds every issue, with its place. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[], options?: ErrorOptions) {
    super(formatIssues(issues), options);
    this.issues = issues;
  }
}

/** More than this many would hide the first, which is the one to mend. */
const SHOWN = 20;

/** All issues as text: `file:line:column: message`, the line, and a mark under what is meant. */
export function formatIssues(issues: readonly ConfigIssue[]): string {
  const shown = issues.slice(0, SHOWN).map(formatIssue);
  if (issues.length > SHOWN) shown.push(`… and ${issues.length - SHOWN} more`);
  return shown.join("\n");
}

function formatIssue({ message, origin }: ConfigIssue): string {
  if (origin === undefined) return message;
  if (origin.kind !== "file") return `${origin.name}: ${message}`;
  const gutter = String(origin.line);
  const indent = " ".repeat(gutter.length);
  // Tabs stay tabs, so that the mark stands under its text in any terminal.
  const lead = origin.text.slice(0, origin.mark).replaceAll(/[^\t]/g, " ");
  return [
    `${origin.file}:${origin.line}:${origin.column}: ${message}`,
    `  ${gutter} | ${origin.text}`,
    `  ${indent} | ${lead}${"^".repeat(Math.max(1, origin.width))}`,
  ].join("\n");
}
