/**
 * Sums over the steps of an epoch, kept on the device as two numbers: the sum, and what rounding has kept from it. Else a
 * million steps would be off in the fourth digit, and counts would stop at 2^24. Source: Kahan, 1965.
 */
import { type NdArray, ndarray } from "../engine/array.ts";
import type { State } from "../engine/state.ts";
import type { Tensor } from "../engine/tensor.ts";
import { add, sub } from "../ops/mod.ts";

const lostOf = (name: string) => `${name}/lost`;

/** The state of a sum. */
export function runningSum(name: string): Record<string, NdArray> {
  const zero = ndarray("float32", [], [0]);
  return { [name]: zero, [lostOf(name)]: zero };
}

/** The state of a sum with one more number in it. */
export function addTo(
  state: Readonly<Record<string, Tensor>>,
  name: string,
  value: Tensor,
): Record<string, Tensor> {
  const [before, lost] = [state[name], state[lostOf(name)]];
  const more = add(value, lost);
  const sum = add(before, more);
  return { [name]: sum, [lostOf(name)]: sub(more, sub(sum, before)) };
}

/** The sum so far, in double precision. */
export async function readSum(state: State, name: string): Promise<number> {
  const [sum, lost] = await Promise.all([name, lostOf(name)].map(async (n) => (await state.read(n)).data[0]));
  return sumOf(sum, lost);
}

/** The sum that a checkpoint holds; `undefined` where it holds none. */
export function sumIn(tensors: Readonly<Record<string, NdArray>>, name: string): number | undefined {
  const sum = tensors[name]?.data?.[0];
  return sum === undefined ? undefined : sumOf(sum, tensors[lostOf(name)]?.data?.[0] ?? 0);
}

/** What is infinite or NaN has lost all, and says so. */
const sumOf = (sum: number, lost: number) => Number.isFinite(sum) ? sum + lost : sum;

/** Sets a sum back to zero. */
export function resetSum(state: State, name: string): void {
  for (const n of [name, lostOf(name)]) state.write(n, new Float32Array(1));
}
