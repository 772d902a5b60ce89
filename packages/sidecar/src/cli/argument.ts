/**
 * What is said about a wrong command line. It ends in histories and in the logs of whatever runs it, and what was
 * typed in the wrong place may be a secret: a short word of letters and hyphens is repeated, of all else the kind.
 */
import type { CommanderError } from "commander";

const WORD = /^[A-Za-z]{1,20}(?:-[A-Za-z]{1,20})*$/;
const LONGEST_WORD = 24;

/** An argument as messages name it: in quotes, or of which kind it is. */
export function describeArgument(argument: string): string {
  if (argument.length <= LONGEST_WORD && WORD.test(argument)) return JSON.stringify(argument);
  const kind = argument.includes("://") ? "a URL" : "text";
  return `(${kind} of ${argument.length} characters)`;
}

/** The error that ended the reading of a command line, in words that repeat nothing else of it. */
export function describeUsage({ code, message }: CommanderError): string {
  switch (code) {
    case "commander.unknownOption":
      return `error: unknown option ${describeOption(quotedIn(message))}${suggestionIn(message)}`;
    case "commander.unknownCommand":
      return `error: unknown command ${describeArgument(quotedIn(message))}${suggestionIn(message)}`;
    case "commander.excessArguments":
      // What follows the second colon are the arguments themselves.
      return message.split(":", 2).join(":");
    // These name what the program itself declares.
    case "commander.missingArgument":
    case "commander.optionMissingArgument":
    case "commander.missingMandatoryOptionValue":
      return message;
    default:
      return "error: the command line is wrong; --help shows what there is";
  }
}

/** `--name=value` is known by its name. */
function describeOption(option: string): string {
  const [, name] = /^--([^=]*)/.exec(option) ?? [];
  if (name === undefined || name.length > LONGEST_WORD || !WORD.test(name)) return describeArgument(option);
  return `'--${name}'`;
}

/** What the message quotes, from its first quote to the last. */
function quotedIn(message: string): string {
  return message.slice(message.indexOf("'") + 1, message.lastIndexOf("'"));
}

/** Commander's own guess, at the end; it names what the program declares. */
function suggestionIn(message: string): string {
  return /\n\(Did you mean (?:one of )?(?:-{0,2}[a-z]+(?:-[a-z]+)*(?:, )?)+\?\)$/.exec(message)?.[0] ?? "";
}
