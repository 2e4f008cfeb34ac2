/** Whether layers come back from a file as they were: a layer of one's own may have options that JSON does not hold. */
import { isObject } from "../formats/json/is_object.ts";
import type { LayerConfig } from "./layer.ts";

/** An option that has another value after a file than before, in words; `undefined` where all have the same. */
export function changedOption(before: LayerConfig, after: LayerConfig): string | undefined {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].find((name) => !isSame(before[name], after[name]));
  return changed === undefined
    ? undefined
    : `its option ${changed} is ${shown(before[changed])}, and comes back as ${shown(after[changed])}`;
}

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, i) => isSame(value, b[i]));
  }
  if (isObject(a) && isObject(b)) return changedOption(a, b) === undefined;
  return a === b;
}

const shown = (value: unknown): string =>
  typeof value === "function"
    ? "a function"
    : typeof value === "object"
    ? JSON.stringify(value).slice(0, 80)
    : String(value);
