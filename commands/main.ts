/** Finds the command, reads its options, runs it, and turns what goes wrong into a line and an exit code. */
import { type Command, helpOf, UsageError } from "./command.ts";
import { data } from "./data.ts";
import { evaluate } from "./evaluate.ts";
import { failureOf } from "./failure.ts";
import { info } from "./info.ts";
import { combineValues, readConfig, readOptions, suggestion } from "./options.ts";
import { predict } from "./predict.ts";
import { summary } from "./summary.ts";
import { train } from "./train.ts";
import { VERSION } from "./version.ts";

/** All commands. */
export const commands: readonly Command[] = [train, evaluate, predict, summary, data, info];

/** The text that says which commands there are. */
export function overview(): string {
  const width = Math.max(...commands.map((c) => c.name.length));
  return [
    `Gesso ${VERSION}: deep learning for people who make things`,
    "",
    ...commands.map((c) => `  ${c.name.padEnd(width)}  ${c.summary}`),
    "",
    "deno run cli.ts COMMAND --help says what a command takes, and which permissions it needs.",
  ].join("\n");
}

/** Runs the command line; gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await dispatch(args);
    return 0;
  } catch (error) {
    const permissions = commands.find((c) => c.name === args[0])?.permissions;
    const { line, code } = failureOf(error, permissions);
    console.error(line);
    return code;
  }
}

async function dispatch([name, ...args]: readonly string[]): Promise<void> {
  if (name === undefined || ["--help", "-h", "help"].includes(name)) return console.log(overview());
  if (name === "--version") return console.log(VERSION);
  const command = commands.find((c) => c.name === name);
  if (!command) {
    const names = commands.map((c) => c.name);
    throw new UsageError(`Cannot run "${name}": there are ${names.join(", ")}${suggestion(name, names, "")}`);
  }
  if (args.includes("--help") || args.includes("-h")) return console.log(helpOf(command));
  const { options, maxOperands = 0 } = command;
  const { given, operands } = readOptions(options, args);
  if (operands.length > maxOperands) {
    throw new UsageError(
      `Cannot use "${operands[maxOperands]}": ${name} takes ${maxOperands || "no"} operands`,
    );
  }
  const file = given.get("config");
  const config = typeof file === "string"
    ? readConfig(options, await Deno.readTextFile(file), file)
    : new Map();
  await command.run(combineValues(options, given, config), operands);
}
