/**
 * The command line. Only commander is loaded here: each command loads what it needs when it runs, so that
 * `--help` answers at once.
 */
import { Command, CommanderError } from "commander";
import { CONFIG_FLAGS } from "../config/flags.ts";
import { describeArgument, describeUsage } from "./argument.ts";
import { arrangeArguments } from "./arrange-arguments.ts";
import { type ExitCode, exitCode, UsageError } from "./exit-code.ts";
import { holdHangup } from "./hangup.ts";
import { watchOutput } from "./output.ts";
import { readVersion } from "./version.ts";

const EXAMPLES = `
Examples:
  coresdk-sidecar                                  OTLP on 4317 and 4318, events kept here
  coresdk-sidecar tap                              watch them
  coresdk-sidecar --http https://events.example/in --source https://orders.example
  coresdk-sidecar --kafka broker-1:9092 --topic events

Options of run, the default command: coresdk-sidecar run --help
Options may stand before the command or after it.
Configuration: --config, CORESDK_CONFIG, ./coresdk-sidecar.yaml, $XDG_CONFIG_HOME/coresdk/, /etc/coresdk/
Exit codes: 0, 1 failure, 2 usage, 78 bad configuration`;

/** Runs one command line. */
export async function runProgram(argv: readonly string[]): Promise<ExitCode> {
  watchOutput();
  let code: ExitCode = exitCode.ok;
  const program = createProgram((result) => {
    code = result;
  });
  try {
    await program.parseAsync(arrangeArguments(argv, program), { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCode.ok;
      // Help for want of a command says enough.
      if (error.code !== "commander.help") process.stderr.write(`${describeUsage(error)}\n`);
      return exitCode.usage;
    }
    const { reportError } = await import("./report-error.ts");
    return reportError(error);
  }
}

function createProgram(done: (code: ExitCode) => void): Command {
  const program = new Command("coresdk-sidecar")
    .description(
      "OpenTelemetry log events in, CloudEvents 1.0 out over HTTP or Kafka; traces and metrics go on over OTLP.",
    )
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help")
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    // What is wrong is said once the error is caught: commander's own words repeat what was typed.
    .configureOutput({ outputError: () => {} })
    .addHelpText("after", EXAMPLES);
  addRun(program, done);
  addValidate(program, done);
  addTap(program, done);
  addSend(program, done);
  addConfig(program, done);
  addPolicy(program, done);
  addStatus(program, done);
  addReload(program, done);
  addHealthcheck(program, done);
  return program;
}

function addConfigFlags(command: Command): Command {
  command.option("-c, --config <file>", "configuration file");
  for (const { flags, description } of CONFIG_FLAGS) command.option(flags, description);
  return command;
}

function addLocationFlags(command: Command): Command {
  return command
    .option("-c, --config <file>", "configuration file of the sidecar")
    .option("--data-dir <dir>", "its queue directory (default: the configuration's, else ./coresdk-data)");
}

function addRun(program: Command, done: (code: ExitCode) => void): void {
  const run = program
    .command("run", { isDefault: true })
    .description("run the sidecar (the default command)");
  addConfigFlags(run)
    // What looks like a command and is none ends up here, as the default command's argument.
    .allowExcessArguments()
    .action(async (flags: Record<string, unknown>, command: Command) => {
      const [word] = command.args;
      if (word !== undefined) throw new UsageError(await describeUnknown(program, word));
      const hangup = holdHangup();
      const { runSidecar } = await import("./run.ts");
      done(await runSidecar(flags, hangup));
    });
}

async function describeUnknown(program: Command, word: string): Promise<string> {
  const { findNearest } = await import("../config/nearest.ts");
  const names = program.commands.map((command) => command.name());
  if (names.includes(word)) return `"${word}" is a command of its own: it stands without run`;
  const nearest = findNearest(word, names);
  const unknown = `unknown command ${describeArgument(word)}`;
  if (nearest !== undefined) return `${unknown}; did you mean "${nearest}"?`;
  return `${unknown}; there are ${names.join(", ")}${word.includes("://") ? "; a URL is given with --http" : ""}`;
}

function addValidate(program: Command, done: (code: ExitCode) => void): void {
  const validate = program.command("validate").description("check the configuration, and start nothing");
  addConfigFlags(validate).action(async (flags: Record<string, unknown>) => {
    const { validate: check } = await import("./config-commands.ts");
    done(await check(flags));
  });
}

function addTap(program: Command, done: (code: ExitCode) => void): void {
  const tap = program
    .command("tap")
    .description("print events as JSON lines: what is stored, then what comes");
  addLocationFlags(tap)
    .option("--stage <stage>", "queued, or denied: what the egress policy keeps back, as it would leave")
    .option("--filter <attribute=pattern>", "only such events, * for anything; repeatable", collect, [])
    .option("--limit <events>", "end after so many", parseLimit)
    .option("--no-follow", "end after what is stored")
    .action(async (flags: Record<string, unknown>) => {
      const { tap: follow } = await import("./tap.ts");
      done(await follow(flags));
    });
}

function addSend(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("send")
    .description("send one CloudEvent to a URL or a Kafka topic")
    .argument("[url]", "where to send it; without it and --kafka, to the sink of the configuration")
    .option("-c, --config <file>", "configuration file")
    .option("--kafka <brokers>", "host:port,host:port")
    .option("--topic <name>", "the Kafka topic")
    .option("--type <type>", "its type", "com.example.test")
    .option("--source <uri>", "its source", "/coresdk-sidecar/send")
    .option("--subject <subject>", "its subject")
    .option("--id <id>", "its id (default: a new ULID)")
    .option("--time <time>", "its time (default: now)")
    .option("--dataschema <uri>", "the schema of its data")
    .option("--extension <name=value>", "an extension attribute; repeatable", collect, [])
    .option("--data <json>", "its data; - reads standard input")
    .option("--content-type <type>", "datacontenttype; anything but JSON makes --data text")
    .option("--mode <mode>", "structured or binary (default: the sink's, else structured)")
    .option("--header <name: value>", "a further HTTP header; repeatable", collect, [])
    .option("--dry-run", "print what would be sent, and send nothing")
    .action(async (url: string | undefined, flags: Record<string, unknown>) => {
      const { send } = await import("./send.ts");
      done(await send(url, flags));
    });
}

function addConfig(program: Command, done: (code: ExitCode) => void): void {
  const config = program.command("config").description("show the configuration");
  const print = config.command("print").description("the configuration in effect, as YAML, secrets as ***");
  addConfigFlags(print).action(async (flags: Record<string, unknown>) => {
    const { printConfig } = await import("./config-commands.ts");
    done(await printConfig(flags));
  });
  config
    .command("schema")
    .description("the JSON Schema of coresdk-sidecar.yaml")
    .action(async () => {
      const { printSchema } = await import("./config-commands.ts");
      done(printSchema());
    });
}

function addPolicy(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("policy")
    .description("try egress policies out")
    .command("test")
    .description("what the policies of a folder decide; 1 when it is not what was expected")
    .argument("<dir>", "the folder of .rego files and data.json")
    .option(
      "--input <file>",
      "one input: {event_type, subject, source, tenant_id}, or an event as tap prints it; repeatable",
      collect,
      [],
    )
    .option(
      "--fixtures <dir>",
      "such files in a folder and its folders; {input, expect} says what is expected; repeatable",
      collect,
      [],
    )
    .option("--expect <verdict>", "allow or deny: expected where a file does not say", once("--expect"))
    .option(
      "--package <name>",
      "acme/cloudevents-egress (default: the configuration's, else the only one)",
      once("--package"),
    )
    .option("-c, --config <file>", "configuration file")
    .action(async (dir: string, flags: Record<string, unknown>) => {
      const { testPolicy } = await import("./policy-test.ts");
      done(await testPolicy(dir, flags));
    })
    .addHelpText(
      "after",
      `
Ends with 0 when every input is decided as expected; with 1 when one is not, or
is none, or the policy fails or gives no answer within 2 seconds (longer than
the sidecar waits by default: a busy machine fails no good policy); with 2 when
a folder or file that is named is not there; with 78 when the policies cannot
be loaded.`,
    );
}

function addStatus(program: Command, done: (code: ExitCode) => void): void {
  const status = program
    .command("status")
    .description("how the running sidecar does: doors, sinks, upstream and queue");
  addLocationFlags(status)
    .option("--json", "as JSON")
    .action(async (flags: Record<string, unknown>) => {
      const { showStatus } = await import("./status.ts");
      done(await showStatus(flags));
    });
}

function addReload(program: Command, done: (code: ExitCode) => void): void {
  const reload = program
    .command("reload")
    .description("make the running sidecar read its configuration again, as SIGHUP does");
  addLocationFlags(reload).action(async (flags: Record<string, unknown>) => {
    const { reload: ask } = await import("./reload.ts");
    done(await ask(flags));
  });
}

function addHealthcheck(program: Command, done: (code: ExitCode) => void): void {
  const healthcheck = program
    .command("healthcheck")
    .description("ask the running sidecar whether it accepts events now: exit code 0 or 1");
  addLocationFlags(healthcheck)
    .option("--admin <host:port>", "the admin endpoint to ask, whosever it is")
    .action(async (flags: Record<string, unknown>) => {
      const { checkHealth } = await import("./healthcheck.ts");
      done(await checkHealth(flags));
    });
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

/** A second value would silently take the place of the first. */
function once(option: string): (value: string, previous: string | undefined) => string {
  return (value, previous) => {
    if (previous !== undefined) throw new UsageError(`${option} was given before`);
    return value;
  };
}

function parseLimit(text: string): number {
  const count = Number(text);
  if (!/^\d{1,15}$/.test(text) || count === 0) throw new UsageError("--limit must be a whole number above 0");
  return count;
}
