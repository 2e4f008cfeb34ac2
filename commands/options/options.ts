/** Options of commands: from flags and a JSON file to checked values. */
import { parseArgs } from "@std/cli/parse-args";
import type { OptionReader, OptionSpec } from "../../recipes/options/option_spec.ts";
import { UsageError } from "../../recipes/usage_error.ts";

export type { OptionSpec };

type Value = string | number | boolean;

/** Checked values by name. */
export class OptionValues implements OptionReader {
  readonly #given: ReadonlyMap<string, Value>;
  readonly #defaults: ReadonlyMap<string, Value>;
  readonly #values: ReadonlyMap<string, Value>;

  constructor(given: ReadonlyMap<string, Value>, defaults: ReadonlyMap<string, Value> = new Map()) {
    this.#given = given;
    this.#defaults = defaults;
    this.#values = new Map([...defaults, ...given]);
  }

  /** The text of an option, if it has one. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === undefined || value === true ? undefined : String(value);
  }

  /** The number of an option, if it has one. */
  number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === "number" ? value : undefined;
  }

  /** Whether a flag is set, or an option given. */
  has(name: string): boolean {
    const value = this.#values.get(name);
    return value !== undefined && value !== false;
  }

  /** Whether an option was given, so that its value is not the default. */
  isGiven(name: string): boolean {
    return this.#given.has(name);
  }

  /** These, and others where none were given. */
  over(others: ReadonlyMap<string, Value>): OptionValues {
    return new OptionValues(new Map([...others, ...this.#given]), this.#defaults);
  }

  /** All values that were given or have a default, for the record. */
  entries(): Record<string, Value> {
    return Object.fromEntries(this.#values);
  }
}

/** Reads flags; gives values and operands. Throws a {@linkcode UsageError} that names the nearest right option. */
export function readOptions(
  specs: readonly OptionSpec[],
  args: readonly string[],
): { given: Map<string, Value>; operands: string[] } {
  const flags = specs.filter((s) => !s.value).map((s) => s.name);
  const withValues = specs.filter((s) => s.value && !s.valueIsOptional).map((s) => s.name);
  const names = specs.map((s) => s.name);
  const parsed = parseArgs(joinValues(specs, args), {
    boolean: flags,
    string: [...withValues, ...specs.filter((s) => s.valueIsOptional).map((s) => s.name)],
    unknown: (arg, key) => {
      if (key === undefined || !arg.startsWith("-")) return true;
      throw unknownOption(arg, names);
    },
  });
  const own = ownArgs(args);
  const given = new Map<string, Value>();
  for (const spec of specs) {
    const raw = parsed[spec.name];
    const form = own.findLast((a) => a === `--${spec.name}` || a.startsWith(`--${spec.name}=`));
    if (form === undefined || raw === undefined) continue;
    if (!spec.value) {
      if (form.includes("=") && !/=(true|false)$/.test(form)) {
        throw new UsageError(`Cannot use ${form.replace("=", " ")}: it takes true or false, or nothing`);
      }
      given.set(spec.name, raw === true);
    } else if (raw === "" && spec.valueIsOptional) given.set(spec.name, true);
    else given.set(spec.name, checkValue(spec, String(raw), `--${spec.name}`));
  }
  return { given, operands: parsed._.map(String) };
}

/** The arguments before `--`. */
const ownArgs = (args: readonly string[]) => args.includes("--") ? args.slice(0, args.indexOf("--")) : args;

/** Joins values that begin with a dash, as -1 does, to their options: parsers take such an option to have none. */
function joinValues(specs: readonly OptionSpec[], args: readonly string[]): string[] {
  const own = ownArgs(args);
  const takes = (arg: string) => specs.some((s) => s.value && !s.valueIsOptional && arg === `--${s.name}`);
  const joined: string[] = [];
  for (let i = 0; i < own.length; i++) {
    const isShort = /^-[^-]/.test(own[i + 1] ?? "");
    if (takes(own[i]) && isShort) joined.push(`${own[i]}=${own[++i]}`);
    else if (/^-[^-]/.test(own[i])) throw unknownOption(own[i], specs.map((s) => s.name));
    else joined.push(own[i]);
  }
  return [...joined, ...args.slice(own.length)];
}

function unknownOption(arg: string, names: readonly string[]): UsageError {
  const [flag] = arg.split("=");
  return new UsageError(
    `Cannot use ${flag}: there is no such option${suggestion(flag.replace(/^-+/, ""), names, "--")}`,
  );
}

/** Reads the options of a JSON file: an object with the same names. */
export function readConfig(specs: readonly OptionSpec[], text: string, file: string): Map<string, Value> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: it is not JSON (${(error as Error).message})`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new UsageError(`Cannot read ${file}: it has to hold an object with the names of options`);
  }
  const values = new Map<string, Value>();
  for (const [key, value] of Object.entries(content)) {
    const spec = specs.find((s) => s.name === key);
    if (!spec) {
      const names = specs.map((s) => s.name);
      throw new UsageError(
        `Cannot use "${key}" in ${file}: there is no such option${suggestion(key, names, "")}`,
      );
    }
    if (!spec.value) {
      if (typeof value !== "boolean") {
        throw new UsageError(`Cannot use "${key}" in ${file}: it takes true or false`);
      }
      values.set(key, value);
    } else if (typeof value === "string" || typeof value === "number") {
      values.set(key, checkValue(spec, String(value), `"${key}" in ${file}`));
    } else throw new UsageError(`Cannot use "${key}" in ${file}: it takes text or a number`);
  }
  return values;
}

/** Values from flags, else from the file, else the defaults. */
export function combineValues(
  specs: readonly OptionSpec[],
  ...sources: readonly ReadonlyMap<string, Value>[]
): OptionValues {
  const [given, defaults] = [new Map<string, Value>(), new Map<string, Value>()];
  for (const spec of specs) {
    const value = sources.find((s) => s.has(spec.name))?.get(spec.name);
    if (value !== undefined) given.set(spec.name, value);
    if (spec.default !== undefined) defaults.set(spec.name, spec.default);
  }
  return new OptionValues(given, defaults);
}

function checkValue(spec: OptionSpec, text: string, where: string): Value {
  if (text === "") throw new UsageError(`Cannot use ${where} without a value: it takes ${spec.value}`);
  if (spec.choices && !spec.choices.includes(text)) {
    throw new UsageError(
      `Cannot use ${where} ${text}: there are ${spec.choices.join(", ")}${
        suggestion(text, spec.choices, "")
      }`,
    );
  }
  if (!spec.number) return text;
  const { whole, least = -Infinity, most = Infinity, above = -Infinity } = spec.number;
  const value = Number(text);
  const isRight = text.trim() !== "" && Number.isFinite(value) && (!whole || Number.isInteger(value)) &&
    value >= least &&
    value <= most &&
    value > above;
  if (isRight) return value;
  const range = [
    above > -Infinity ? `above ${above}` : least > -Infinity ? `from ${least}` : "",
    most < Infinity ? `up to ${most}` : "",
  ].filter((part) => part).join(" ");
  throw new UsageError(
    `Cannot use ${where} ${text}: it takes a ${whole ? "whole " : ""}number ${range}`.trimEnd(),
  );
}

/** `; did you mean --epochs?` for a name that is close to one of the right ones. */
export function suggestion(name: string, names: readonly string[], prefix: string): string {
  const ranked = names.map((n) => ({ n, distance: editDistance(name, n) })).sort((a, b) =>
    a.distance - b.distance
  );
  const best = ranked[0];
  const isClose = best && best.distance <= Math.max(1, Math.ceil(best.n.length / 3));
  return isClose ? `; did you mean ${prefix}${best.n}?` : "";
}

/** Letters to add, drop or change (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
