/** Finds the command, reads its options, runs it, and turns what goes wrong into a line and an exit code. */
import { type Command, helpOf, type Needs, twoColumns } from "./command.ts";
import { UsageError } from "../recipes/usage_error.ts";
import { commandLine } from "./permissions/command_line.ts";
import { readConfigFile } from "./options/config_file.ts";
import { classify } from "./classify.ts";
import { data } from "./data.ts";
import { evaluate } from "./evaluate.ts";
import { failureOf, messageOf } from "./failure.ts";
import { generate } from "./generate.ts";
import { info } from "./info.ts";
import { misplacedFlags } from "./options/misplaced_flags.ts";
import { combineValues, type OptionValues, readOptions, suggestion } from "./options/options.ts";
import { joinPermissions, type Permissions, requirePermissions } from "./permissions/permissions.ts";
import { predict } from "./predict.ts";
import { lostOutput, print, printError } from "./terminal/print.ts";
import { score } from "./score.ts";
import { summary } from "./summary.ts";
import { train } from "./train.ts";
import { VERSION } from "./version.ts";

/** All commands. */
export const commands: readonly Command[] = [
  train,
  evaluate,
  predict,
  classify,
  generate,
  score,
  summary,
  data,
  info,
];

/** The text that says which commands there are. */
export function overview(): string {
  return [
    `Gesso ${VERSION}: deep learning for people who make things`,
    "",
    ...twoColumns(commands.map((c) => [c.name, c.summary])),
    "",
    "deno run cli.ts COMMAND --help says what a command takes, and which permissions it needs.",
  ].join("\n");
}

/** Runs the command line; gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let known: Permissions = {};
  try {
    await dispatch(
      args,
      ({ permissions }, { now, later = {} }) => known = joinPermissions(permissions, now, later),
    );
  } catch (error) {
    const works = (missing: Permissions) => commandLine(joinPermissions(known, missing), args);
    const { line, code } = failureOf(error, works);
    printError(line);
    return code;
  }
  const lost = lostOutput();
  if (!lost) return 0;
  printError(`Cannot print all of it: ${messageOf(lost).replace(/^Cannot go on: /, "")}`);
  // What was trained lies in its folder.
  return args[0] === "train" ? 0 : 1;
}

/** Runs a command; `onNeeds` hears which it is and what it needs, as far as that is known. */
async function dispatch(
  [name, ...words]: readonly string[],
  onNeeds: (command: Command, needs: Needs) => void,
): Promise<void> {
  if (name === undefined || ["--help", "-h", "help"].includes(name)) return print(...overview().split("\n"));
  if (name === "--version") return print(VERSION);
  const first = commands.find((c) => c.name === name);
  if (!first) {
    const names = commands.map((c) => c.name);
    throw new UsageError(`Cannot run "${name}": there are ${names.join(", ")}${suggestion(name, names, "")}`);
  }
  const { command, args } = first.resolve?.(words) ?? { command: first, args: words };
  if (args.includes("--help") || args.includes("-h")) return print(...helpOf(command).split("\n"));
  const { options } = command;
  const misplaced = misplacedFlags(args);
  const { given, operands } = readOperands(command, misplaced?.rest ?? args);
  const needsOf = (values: OptionValues): Needs => {
    const { now, later }: Needs = command.needs?.(values, operands) ?? { now: {} };
    const file = values.text("config");
    return { now: joinPermissions(now, file === undefined ? {} : { read: [file] }), later };
  };
  const atFirst = needsOf(combineValues(options, given));
  onNeeds(command, atFirst);
  if (misplaced) {
    const { flag, rest, permitted } = misplaced;
    const all = joinPermissions(command.permissions, atFirst.now, atFirst.later ?? {}, permitted ?? {});
    throw new UsageError(
      `Cannot take ${flag} behind ${command.name}: Deno has it before cli.ts; what works: ${
        commandLine(all, [...command.name.split(" "), ...rest])
      }`,
    );
  }
  // What a file names is needed as well, so it is read first.
  const file = given.get("config");
  if (typeof file === "string") await requirePermissions(atFirst.now);
  // None of these leads to another.
  const all = [...options, ...command.fileOptions ?? []];
  const inFile = all.filter((option) => option.name !== "config");
  const config = typeof file === "string" ? await readConfigFile(inFile, file) : new Map();
  const values = combineValues(all, given, config);
  command.check?.(values);
  const needs = needsOf(values);
  onNeeds(command, needs);
  await requirePermissions(needs.now);
  await command.run(values, operands);
}

function readOperands({ name, options, resolve, maxOperands = 0 }: Command, args: readonly string[]) {
  const { given, operands } = readOptions(options, args);
  if (operands.length > maxOperands) {
    const other = operands[maxOperands];
    throw new UsageError(
      resolve
        ? `Cannot use "${other}" there: ${name} takes a name before all options`
        : `Cannot use "${other}": ${name} takes ${maxOperands || "no"} operands`,
    );
  }
  return { given, operands };
}
