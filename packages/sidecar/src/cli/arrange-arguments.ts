import type { Command } from "commander";

/**
 * The arguments with the command first, since options may stand before it as well: commander would give both to the
 * default command. Where a command is wanted that there is not, help is not what was asked for.
 */
export function arrangeArguments(argv: readonly string[], program: Command): readonly string[] {
  const at = skipOptions(argv, listOptions(program));
  const word = argv[at];
  if (word === undefined || word.startsWith("-")) return argv;
  const [before, after] = [argv.slice(0, at), argv.slice(at + 1)];
  const [next] = after;
  if (word === "help")
    return next === undefined || find(program, next) !== undefined ? [word, ...after] : after;
  const command = find(program, word);
  if (command === undefined) return withoutHelp(argv);
  if (command.commands.length === 0) return [word, ...before, ...after];
  if (next === undefined || next.startsWith("-") || next === "help") return [word, ...after];
  return find(command, next) === undefined
    ? withoutHelp([word, ...after])
    : [word, next, ...before, ...after.slice(1)];
}

function find(parent: Command, name: string): Command | undefined {
  return parent.commands.find((command) => command.name() === name);
}

/** Each option of each command, and whether a value follows it. */
function listOptions(parent: Command): ReadonlyMap<string, boolean> {
  const options = new Map<string, boolean>();
  for (const command of parent.commands) {
    for (const { short, long, required } of command.options) {
      for (const name of [short, long]) if (name !== undefined) options.set(name, required);
    }
    for (const [name, takesValue] of listOptions(command)) options.set(name, takesValue);
  }
  return options;
}

/** Where the first argument is that is neither a known option nor the value of one. */
function skipOptions(argv: readonly string[], options: ReadonlyMap<string, boolean>): number {
  let at = 0;
  for (let argument = argv[at]; argument?.startsWith("-"); argument = argv[at]) {
    const isLong = argument.startsWith("--");
    const name = isLong ? argument.replace(/=.*/s, "") : argument.slice(0, 2);
    const takesValue = options.get(name);
    if (takesValue === undefined) return at;
    at += takesValue && name === argument ? 2 : 1;
  }
  return at;
}

function withoutHelp(argv: readonly string[]): readonly string[] {
  return argv.filter((argument) => argument !== "--help" && argument !== "-h");
}
