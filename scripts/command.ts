/** The command lines of the scripts: help from their options, and exit code 2 for wrong usage, told with the help. */
import { Command, InvalidArgumentError, Option } from "commander";
import { ENDINGS } from "../harness";

/** Makes the command behind `npm run NAME`; options, arguments and subcommands are added to it. */
export function npmCommand(name: string, description: string): Command {
  return readUsage(new Command(`npm run ${name} --`).description(description));
}

/** Makes a subcommand, NAME in `npm run module -- NAME`. */
export function subcommand(name: string, description: string): Command {
  return readUsage(new Command(name).description(description));
}

function readUsage(command: Command): Command {
  return command
    .helpOption("--help", "this text")
    .helpCommand(false)
    .showHelpAfterError()
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : ENDINGS.settings.code));
}

/** Makes the option `--port`. */
export function portOption(description: string, byDefault: number): Option {
  return new Option("--port <PORT>", description).default(byDefault).argParser((given) => {
    const port = Number(given);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new InvalidArgumentError("A port is a number from 0 to 65535.");
    }
    return port;
  });
}
