/** Long sums in parts, along one loop or two: the same numbers, and as many parts as the policy asks for. */
import { assert, assertEquals } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import type { SplitPolicy } from "../../engine/passes/split_sums.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";
import { randomArrays } from "../random_arrays.ts";
import { withPolicy } from "../with_policy.ts";

const WHOLE: SplitPolicy = { reductions: [], contractions: [] };
const rule = (results: number, shortestPart: number): SplitPolicy => ({
  reductions: [{ results, shortestPart }],
  contractions: [{ results, shortestPart }],
});

const shapes = { x: [6, 9, 7, 4], w: [3, 3, 4, 8] };
/** A weight gradient, whose sum is over images, rows and columns, and sums of elements. */
function sums({ x, w }: Record<string, Tensor>): Record<string, Tensor> {
  const y = g.conv2d(x, w);
  return {
    gradient: g.grad(g.sum(g.square(y)), [w])[0],
    perFilter: g.sum(y, [0, 1, 2]),
    all: g.sum(g.square(x)),
    highest: g.max(x, [0, 1, 2]),
    lowest: g.min(g.cast(g.mul(x, 1000), "int32")),
  };
}

async function run(device: Device, split: SplitPolicy): Promise<{ values: number[]; text: string }> {
  const values = randomArrays(shapes, 5);
  const program = await compileProgram(
    (_state, given: Record<string, Tensor>) => ({ outputs: sums(given) }),
    { device: withPolicy(device, { split }), inputs: values },
  );
  const found = await program.call(values);
  const text = program.explain();
  program.close();
  return { values: Object.values(found).flatMap(({ data }) => [...data]), text };
}

for (const { name, device } of everyDevice) {
  Deno.test(`sums in parts along one loop and along two are the whole sums on ${name}`, async () => {
    const whole = await run(device, WHOLE);
    assertEquals(whole.text.match(/parts/g), null);
    const scale = Math.max(...whole.values.map(Math.abs));
    const cuts: [SplitPolicy, RegExp][] = [
      // Along the rows of what the layer gives, 7 of them.
      [rule(1 << 20, 30), /conv2dWeightGradient parts\n +loops 7x/],
      // Each of these rows on its own, and then its image.
      [rule(1 << 20, 8), /conv2dWeightGradient parts\n +loops 7x3x/],
      [rule(1 << 20, 5), /conv2dWeightGradient parts\n +loops 7x6x/],
    ];
    for (const [split, loops] of cuts) {
      const { values, text } = await run(device, split);
      assert(loops.test(text), text);
      const worst = values.reduce((most, v, i) => Math.max(most, Math.abs(v - whole.values[i])), 0);
      assert(worst <= 1e-5 * scale, `${worst} beside ${scale}`);
    }
  });
}
