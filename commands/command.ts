/** What a command of the command line is. */
import type { OptionSpec, OptionValues } from "./options/options.ts";
import { permissionFlags, type Permissions } from "./permissions/permissions.ts";
import { HANG } from "./terminal/print.ts";

/** What a command needs for what it was asked. */
export interface Needs {
  /** Without this it does not begin. */
  readonly now: Permissions;
  /** What it may come to need: where data has to be fetched from, folders for what is many files by name. */
  readonly later?: Permissions;
}

/** A command. One file each. */
export interface Command {
  /** What is typed for it: `data`, `train images`. */
  readonly name: string;
  /** The permission set in `deno.json` that is for it; the name when left out. */
  readonly set?: string;
  /** Another command in its place, and what is left of the arguments, where the first of them chooses one. */
  resolve?(args: readonly string[]): { command: Command; args: readonly string[] } | undefined;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name: `IMAGE...`. */
  readonly operands?: string;
  /** The most operands that it takes; 0 when left out. */
  readonly maxOperands?: number;
  readonly options: readonly OptionSpec[];
  /** What a file of options may hold beside them. */
  readonly fileOptions?: readonly OptionSpec[];
  /** What is documented, and enough as long as nothing else is named. */
  readonly permissions: Permissions;
  /** What it needs for these options and operands. */
  needs?(values: OptionValues, operands: readonly string[]): Needs;
  /** Throws a {@linkcode UsageError} where options lack something, before anything is asked for. */
  check?(values: OptionValues): void;
  /** More for `--help`. */
  readonly notes?: readonly string[];
  /** Does it. An error that is thrown becomes one line and an exit code. */
  run(values: OptionValues, operands: readonly string[]): Promise<void>;
}

/** The text of `--help`, with marks where lines that a window has no room for begin again. */
export function helpOf(command: Command): string {
  const flags = permissionFlags(command.permissions).join(" ");
  const usage = `cli.ts ${command.name}${command.operands ? ` ${command.operands}` : ""} [options]`;
  return [
    `${command.summary}`,
    "",
    `  deno run -P=${command.set ?? command.name} ${usage}`,
    `  deno run ${flags}${flags ? " " : ""}${usage}`,
    "",
    "The second line is the first with the permissions spelled out that deno.json names.",
    "",
    ...optionLines(command.options),
    ...command.notes ? ["", ...command.notes] : [],
  ].join("\n");
}

/** What each option is, and `--help`: the lines of a help text. */
export function optionLines(options: readonly OptionSpec[]): string[] {
  const rows = [
    ...options.map((o) => [`--${o.name}${o.value ? ` ${o.value}` : ""}`, describe(o)]),
    ["--help", "this text"],
  ];
  return twoColumns(rows);
}

/** Rows of a name and what it is; where that needs more lines, they begin below it. */
export function twoColumns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${HANG}${right}`);
}

function describe(option: OptionSpec): string {
  const choices = option.choices ? ` (${option.choices.join(", ")})` : "";
  return `${option.help}${choices}${option.default === undefined ? "" : `; ${option.default} when left out`}`;
}
