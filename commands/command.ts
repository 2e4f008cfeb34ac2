/** What a command of the command line is. */
import type { OptionSpec, OptionValues } from "./options.ts";

/** The Deno permissions that a command needs, as lists for the flags. */
export interface Permissions {
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly net?: readonly string[];
  /** Variables that are set for graphics drivers; a command does without. */
  readonly env?: readonly string[];
}

/** A command. One file each. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name: `IMAGE...`. */
  readonly operands?: string;
  /** The most operands that it takes; 0 when left out. */
  readonly maxOperands?: number;
  readonly options: readonly OptionSpec[];
  readonly permissions: Permissions;
  /** More for `--help`. */
  readonly notes?: readonly string[];
  /** Does it. An error that is thrown becomes one line and an exit code. */
  run(values: OptionValues, operands: readonly string[]): Promise<void>;
}

/** Wrong use of the command line: exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The flags for `deno run`. */
export function permissionFlags(permissions: Permissions): string[] {
  return Object.entries(permissions).map(([kind, list]) => `--allow-${kind}=${list.join(",")}`);
}

/** The text of `--help`. */
export function helpOf(command: Command): string {
  const flags = permissionFlags(command.permissions).join(" ");
  return [
    `${command.summary}`,
    "",
    `  deno run ${flags}${flags ? " " : ""}cli.ts ${command.name}${
      command.operands ? ` ${command.operands}` : ""
    } [options]`,
    `  deno run -P=${command.name} cli.ts ${command.name}   the same, with the permissions named in deno.json`,
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
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

function describe(option: OptionSpec): string {
  const choices = option.choices ? ` (${option.choices.join(", ")})` : "";
  return `${option.help}${choices}${option.default === undefined ? "" : `; ${option.default} when left out`}`;
}
