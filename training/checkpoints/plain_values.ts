/**
 * Plain values as JSON that gives back the same values. JSON has no NaN, no infinities and no -0; here these are objects with
 * one key.
 */

/** What a checkpoint can keep beside tensors. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

const KEY = "$number";
const special = new Map<string, number>([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity], [
  "-0",
  -0,
]]);
const nameOf = (value: number) => [...special].find(([, other]) => Object.is(value, other))?.[0];
/** Nothing that is kept goes deeper, and a file may be hostile. */
const DEEPEST = 64;

/** A value as what `JSON.stringify` takes; throws a `TypeError` that names what is not plain. */
export function toJson(value: unknown, what: string, depth = 0): unknown {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") {
    const name = nameOf(value);
    return name === undefined ? value : { [KEY]: name };
  }
  const isPlain = Array.isArray(value) || typeof value === "object" && isPlainObject(value);
  if (!isPlain || depth > DEEPEST) {
    const received = isPlain ? "nested too deep" : `a ${nameOfKind(value)}`;
    throw new TypeError(
      `Cannot keep ${what} in a checkpoint: it is ${received}; values are numbers, texts, truth values, null, lists and ` +
        "plain objects of them, and arrays are kept as tensors",
    );
  }
  if (Array.isArray(value)) return value.map((item, i) => toJson(item, `${what}[${i}]`, depth + 1));
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, toJson(item, `${what}.${key}`, depth + 1)]));
}

/** What {@linkcode toJson} was given, from what `JSON.parse` gave; undefined where it is nested too deep. */
export function fromJson(value: unknown, depth = 0): Plain | undefined {
  if (typeof value !== "object" || value === null) return value as Plain;
  if (depth > 2 * DEEPEST) return undefined;
  if (Array.isArray(value)) return value.map((item) => fromJson(item, depth + 1)!);
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0][0] === KEY) {
    const number = special.get(String(entries[0][1]));
    if (number !== undefined) return number;
  }
  // Not by assignment: a key may be __proto__.
  return Object.fromEntries(entries.map(([key, item]) => [key, fromJson(item, depth + 1)!]));
}

function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const nameOfKind = (value: unknown) =>
  typeof value === "object" ? value!.constructor?.name ?? "object" : typeof value;
