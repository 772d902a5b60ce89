/** How the process ends (semantics, section 5). */
export const exitCode = {
  ok: 0,
  /** It could not do what it was asked, or what it needed went away. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The configuration is wrong: `EX_CONFIG` of sysexits.h. */
  configuration: 78,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** The command line asks for something that is not there; the message says what there is. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command could not do what it was asked; the message is all there is to say. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
