/** Random loops are the same as their steps written out one after another, on every device, and so are their gradients. */
import fc from "fast-check";
import { compileProgram } from "../../engine/compile_program.ts";
import { apply, leaf, type Tensor } from "../../engine/tensor.ts";
import { assertClose, drawInputs } from "../check_op.ts";
import { everyDevice } from "../devices.ts";
import { interpret } from "../oracle/interpreter.ts";
import { all, asLoop, recipes, writtenOut } from "./random_loops.ts";

const shape = [2, 3];

for (const { name, device } of everyDevice) {
  Deno.test(`random loops are their steps written out on ${name}`, async () => {
    const numRuns = device.kind === "cpu" ? 60 : 8;
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const arrays = drawInputs([{ shape: [recipe.steps, ...shape] }, { shape }, { shape }, {
          shape: [3, 3],
        }]);
        const leaves = arrays.map(({ dtype, shape }, i) =>
          apply(leaf, [], { kind: "input", name: `x${i}`, type: { dtype, shape } })
        );
        const expected = Object.values(all(writtenOut(recipe, leaves), leaves));
        const feeds = new Map(leaves.map((l, i) => [l, Float64Array.from(arrays[i].data)]));
        const values = interpret(expected, feeds);
        const inputs = Object.fromEntries(arrays.map((a, i) => [`x${i}`, a]));
        const program = await compileProgram((_state, given: Record<string, Tensor>) => {
          const own = arrays.map((_, i) => given[`x${i}`]);
          return { outputs: all(asLoop(recipe, own), own) };
        }, { device, inputs });
        const found = await program.call(inputs);
        program.close();
        values.forEach((value, i) => assertClose(found[i].data, value, 1e-5, `result ${i}`));
      }),
      { numRuns, seed: 7 },
    );
  });
}
