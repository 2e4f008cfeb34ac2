/** Stretching of shapes, for any shapes: results and gradients against plain loops. */
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { broadcastShapes, sameShape } from "../../engine/shape.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { assertClose, drawInputs } from "../check_op.ts";
import { cpu } from "../devices.ts";
import { alongAxes, type Doubles, elementByElement, stretchedShape } from "../oracle/doubles.ts";

const RUNS = { numRuns: 150, seed: 1 };

/** A shape that can be stretched to `shape`: leading axes may be missing, others may be 1. */
const shrunk = (shape: readonly number[]) =>
  fc.tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })).map((
    [missing, ones],
  ) => shape.map((n, axis) => ones[axis] ? 1 : n).slice(missing));

const fittingShapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }).chain((shape) =>
  fc.tuple(shrunk(shape), shrunk(shape))
);

/** A gradient as large as the result, summed to the shape of an operand. */
function summedTo(x: Doubles, shape: readonly number[]): Doubles {
  const extra = x.shape.length - shape.length;
  const axes = x.shape.flatMap((_, axis) => axis < extra || shape[axis - extra] === 1 ? [axis] : []);
  const sums = alongAxes(x, axes, (values) => values.reduce((a, b) => a + b, 0));
  return { data: sums.data, shape };
}

Deno.test("broadcastShapes() gives the shape that both stretch to, whichever comes first", () => {
  fc.assert(
    fc.property(fittingShapes, ([a, b]) => {
      const expected = stretchedShape(a, b, []);
      assertEquals(broadcastShapes(a, b), expected);
      assertEquals(broadcastShapes(b, a), expected);
      assertEquals(broadcastShapes(a, b, a, expected), expected);
    }),
    RUNS,
  );
});

Deno.test("add() throws for any two shapes that differ in an axis that is not 1", () => {
  const shape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
  fc.assert(
    fc.property(shape, shape, (a, b) => {
      const rank = Math.min(a.length, b.length);
      const [endA, endB] = [a.slice(a.length - rank), b.slice(b.length - rank)];
      fc.pre(endA.some((n, axis) => n !== endB[axis] && n !== 1 && endB[axis] !== 1));
      assertThrows(() => g.add(g.zeros(a), g.zeros(b)), RangeError, "add");
    }),
    RUNS,
  );
});

Deno.test("a product of any two shapes that fit has these elements and gradients on the cpu device", async () => {
  await fc.assert(
    fc.asyncProperty(fittingShapes, async ([shapeA, shapeB]) => {
      const arrays = drawInputs([{ shape: shapeA }, { shape: shapeB }]);
      const [a, b] = arrays.map((x): Doubles => ({ data: Float64Array.from(x.data), shape: x.shape }));
      const program = await compileProgram((_state, inputs: Record<"a" | "b", Tensor>) => {
        const y = g.mul(g.tanh(inputs.a), inputs.b);
        const [toA, toB] = g.grad(g.sum(y), [inputs.a, inputs.b]);
        return { outputs: { y, toA, toB } };
      }, { device: cpu.device, inputs: { a: arrays[0], b: arrays[1] } });
      const result = await program.call({ a: arrays[0], b: arrays[1] });
      program.close();
      const slope = (x: number) => 1 - Math.tanh(x) ** 2;
      const expected = {
        y: elementByElement((x, y) => Math.tanh(x) * y, a, b),
        toA: summedTo(elementByElement((x, y) => slope(x) * y, a, b), shapeA),
        toB: summedTo(elementByElement((x, _y) => Math.tanh(x), a, b), shapeB),
      };
      for (const [name, { data, shape }] of Object.entries(expected)) {
        const actual = result[name as "y"];
        assertEquals(sameShape(actual.shape, shape), true, `${name} is [${actual.shape}], not [${shape}]`);
        assertClose(actual.data, data, 1e-5, name);
      }
    }),
    RUNS,
  );
});
