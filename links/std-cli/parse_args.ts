/**
 * `parseArgs` of `@std/cli`, as far as this project uses it, over `node:util`.
 * @module
 */
import { parseArgs as parseNodeArgs } from "node:util";

/** The options of {@linkcode parseArgs} that are supported here. */
export interface ParseOptions {
  /** Names that are always booleans. */
  boolean?: readonly string[];
  /** Names that are always strings. */
  string?: readonly string[];
  /** Names that gather every value given. */
  collect?: readonly string[];
  /** Other names for an option. */
  alias?: Record<string, string>;
  /** Values for options that were not given. */
  default?: Record<string, unknown>;
  /** Called for each option or positional that is not declared; `false` keeps it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** What {@linkcode parseArgs} gives: options by name, positionals under `_`. */
export type Args = { _: (string | number)[] } & Record<string, unknown>;

/** Parses command-line arguments as `@std/cli` does. */
export function parseArgs(args: string[], options: ParseOptions = {}): Args {
  const { boolean = [], string = [], collect = [], alias = {}, unknown } = options;
  const declared: Record<string, { type: "boolean" | "string"; multiple?: boolean }> = {};
  for (const name of boolean) declared[name] = { type: "boolean" };
  for (const name of string) declared[name] = { type: "string", multiple: collect.includes(name) };
  const long = Object.fromEntries(Object.entries(alias).map(([name, other]) => [other, name]));
  const result: Args = { _: [] };
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const { tokens } = parseNodeArgs({
    args: args.map((arg, i) => {
      const short = /^-([a-zA-Z])$/.exec(arg)?.[1];
      const full = short && (alias[short] || long[short]) ? `--${alias[short] ?? long[short]}` : arg;
      // Other than node:util, what begins with a dash is never the value of the option before it.
      const isOpen = string.some((name) => full === `--${name}`) && args[i + 1]?.startsWith("-");
      return isOpen && i < end ? `${full}=` : full;
    }),
    options: declared,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (!unknown || unknown(token.value) !== false) result._.push(token.value);
    } else if (token.kind === "option") {
      const kind = declared[token.name];
      if (!kind && unknown && unknown(token.rawName, token.name, token.value) === false) continue;
      const value = kind?.type === "boolean" ? token.value !== "false" : token.value ?? (kind ? "" : true);
      if (kind?.multiple) (result[token.name] = (result[token.name] as unknown[]) ?? []) as unknown[];
      if (kind?.multiple) (result[token.name] as unknown[]).push(value);
      else result[token.name] = value;
    }
  }
  for (const name of boolean) result[name] ??= options.default?.[name] ?? false;
  for (const name of collect) result[name] ??= [];
  for (const [name, value] of Object.entries(options.default ?? {})) result[name] ??= value;
  return result;
}
