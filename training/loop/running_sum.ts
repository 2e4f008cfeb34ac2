/**
 * Sums over the steps of an epoch, kept on the device with what tells how much rounding has kept from them. Else a
 * million steps would be off in the fourth digit, and counts would stop at 2^24. Source: Kahan, 1965.
 */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { add, sub } from "../../ops/mod.ts";

/** What a sum was before its last number, and that number with what had been lost until then. */
const partsOf = (name: string) => [name, `${name}/before`, `${name}/last`];

/** The state of a sum. */
export function runningSum(name: string): Record<string, NdArray> {
  return Object.fromEntries(partsOf(name).map((part) => [part, ndarray("float32", [], [0])]));
}

/**
 * The state of a sum with one more number in it. What the last sum lost is found out now, when it has been in memory: a
 * compiler that had just made it would take the difference of both for what they would be without rounding.
 */
export function addTo(
  state: Readonly<Record<string, Tensor>>,
  name: string,
  value: Tensor,
): Record<string, Tensor> {
  const [sumName, beforeName, lastName] = partsOf(name);
  const [sum, before, last] = [state[sumName], state[beforeName], state[lastName]];
  const more = add(value, sub(last, sub(sum, before)));
  return { [sumName]: add(sum, more), [beforeName]: sum, [lastName]: more };
}

/** The sum so far, in double precision. */
export async function readSum(state: State, name: string): Promise<number> {
  const parts = await Promise.all(partsOf(name).map(async (part) => (await state.read(part)).data[0]));
  return sumOf(parts);
}

/** With what the last number lost, which is in `last`. A sum that is infinite, or not of these parts, stands for itself. */
const sumOf = ([sum, before, last]: readonly number[]) =>
  Math.fround(before + last) === sum && Number.isFinite(sum) ? before + last : sum;

/** Sets a sum back to zero. */
export function resetSum(state: State, name: string): void {
  for (const part of partsOf(name)) state.write(part, new Float32Array(1));
}
