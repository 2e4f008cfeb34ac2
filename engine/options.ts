/**
 * How options are read: one way for ops, layers, optimizers and everything else that has some. An option that is
 * `undefined` is left out; all others have to be what their kind says, so `null`, NaN, a fraction where a whole number
 * belongs, a list of another length, and a name that there is not are refused before they can do harm.
 */
import { quoted } from "./element.ts";
import type { Kind } from "./option_kinds.ts";

/** An option: its kind, and what it is when it is left out. */
export interface Option<T> {
  readonly kind: Kind<unknown>;
  readonly fallback?: T;
  readonly isRequired: boolean;
}

/** An option that has to be given. */
export const required = <T>(kind: Kind<T>): Option<T> => ({ kind, isRequired: true });

/** An option that may be left out. */
export function optional<T>(kind: Kind<T>): Option<T | undefined>;
export function optional<T>(kind: Kind<T>, fallback: NoInfer<T>): Option<T>;
export function optional<T>(kind: Kind<T>, fallback?: T): Option<T | undefined> {
  return { kind, fallback, isRequired: false };
}

/** The options of something, by name. */
export type OptionSet = Readonly<Record<string, Option<unknown>>>;

/** What options are once they are read. */
export type Values<S extends OptionSet> = {
  -readonly [K in keyof S]: S[K] extends Option<infer T> ? T : never;
};

/** A value for messages. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${Array.from(value, shown).join(", ")}]`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return quoted(value);
  if ("dtype" in value && "shape" in value) return `${value.dtype} ${shown(value.shape)}`;
  const name = value.constructor?.name;
  return name && name !== "Object" ? `a ${name}` : JSON.stringify(value);
}

const isNumeric = (value: unknown): boolean =>
  typeof value === "number" || Array.isArray(value) && value.length > 0 && Array.from(value).every(isNumeric);

/**
 * One value, once it is sure that it is of its kind.
 *
 * @param attempt What is being done, for messages: `apply slice`.
 * @throws {RangeError} for numbers that are not right, and {TypeError} for what should not be there at all.
 */
export function readValue<T>(attempt: string, name: string, value: unknown, kind: Kind<T>): T {
  const read = kind.read(value);
  if (read !== undefined) return read;
  const error = kind.isNumeric && isNumeric(value) ? RangeError : TypeError;
  throw new error(`Cannot ${attempt} with ${name} ${shown(value)}: it has to be ${kind.says}`);
}

/**
 * Options, each as its kind reads it, or what it is when it is left out. For what is described by its options, such as
 * layers: one that is not known would be ignored.
 *
 * @param attempt What is being done, for messages: `make conv2d`.
 * @throws {RangeError | TypeError} when one is not what it has to be, is missing, or does not exist.
 */
export function readOptions<S extends OptionSet>(attempt: string, given: unknown, set: S): Values<S> {
  const values = pickOptions(attempt, given, set);
  const names = Object.keys(set);
  for (const [name, value] of Object.entries(given as object)) {
    if (value === undefined || names.includes(name)) continue;
    throw new TypeError(
      `Cannot ${attempt} with option "${name}": there ${names.length === 1 ? "is" : "are"} ${
        names.join(", ")
      }`,
    );
  }
  return values;
}

/** The same out of a record that may hold more: ops are given settings that others share. */
export function pickOptions<S extends OptionSet>(attempt: string, given: unknown, set: S): Values<S> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(`Cannot ${attempt} with ${shown(given)}: options are an object by their names`);
  }
  const options = given as Readonly<Record<string, unknown>>;
  const values = Object.entries(set).map(([name, { kind, fallback, isRequired }]) => {
    const value = options[name];
    if (value !== undefined) return [name, readValue(attempt, name, value, kind)];
    if (isRequired) throw new TypeError(`Cannot ${attempt} without ${name}: it has to be ${kind.says}`);
    return [name, fallback];
  });
  return Object.fromEntries(values) as Values<S>;
}

/** Options as they were given, without those that were left out: what is written to files. A copy. */
export function givenOptions<T extends object>(options: T): Record<string, unknown> {
  return structuredClone(
    Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  );
}
