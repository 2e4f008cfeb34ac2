/** Any chain of ops that only move elements gives the elements that plain loops give. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compileProgram } from "../../engine/compile_program.ts";
import { apply, leaf, type Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";
import { countOf, type Doubles, doubles, stretchedAt } from "../oracle/doubles.ts";
import { interpret } from "../oracle/interpreter.ts";
import { concatenated, padded, reshaped, reversed, sliced, transposed } from "../oracle/movement.ts";

/** A tensor and the elements that it should have. */
interface Pair {
  readonly tensor: Tensor;
  readonly values: Doubles;
}

/** One step of a chain: which op, and numbers from which its arguments are made once the shape is known. */
interface Step {
  readonly kind: number;
  readonly numbers: readonly number[];
}

const LARGEST = 600;

function permutation(rank: number, numbers: readonly number[]): number[] {
  const left = Array.from({ length: rank }, (_, i) => i);
  return Array.from({ length: rank }, (_, i) => left.splice(numbers[i] % left.length, 1)[0]);
}

/** Splits or joins axes. */
function otherShape(shape: readonly number[], numbers: readonly number[]): number[] {
  if (shape.length > 1 && numbers[0] % 2 === 0) {
    const at = numbers[1] % (shape.length - 1);
    return [...shape.slice(0, at), shape[at] * shape[at + 1], ...shape.slice(at + 2)];
  }
  if (shape.length === 0) return [1];
  const at = numbers[1] % shape.length;
  const divisors = [1, 2, 3, 4, 5].filter((d) => shape[at] % d === 0);
  const divisor = divisors[numbers[2] % divisors.length];
  return [...shape.slice(0, at), shape[at] / divisor, divisor, ...shape.slice(at + 1)];
}

const steps: ((pair: Pair, numbers: readonly number[]) => Pair)[] = [
  ({ tensor, values }, numbers) => {
    const shape = otherShape(values.shape, numbers);
    return { tensor: g.reshape(tensor, shape), values: reshaped(values, shape) };
  },
  ({ tensor, values }, numbers) => {
    const order = permutation(values.shape.length, numbers);
    return { tensor: g.transpose(tensor, order), values: transposed(values, order) };
  },
  ({ tensor, values }, numbers) => {
    const strides = values.shape.map((_, i) => 1 + numbers[i] % 3);
    const starts = values.shape.map((n, i) => n === 0 ? 0 : numbers[i + 3] % n);
    const sizes = values.shape.map((n, i) => {
      const most = Math.ceil((n - starts[i]) / strides[i]);
      return most === 0 ? 0 : 1 + numbers[i + 1] % most;
    });
    return {
      tensor: g.slice(tensor, starts, sizes, strides),
      values: sliced(values, starts, sizes, strides),
    };
  },
  ({ tensor, values }, numbers) => {
    const axes = values.shape.map((_, i) => i).filter((i) => numbers[i] % 2 === 0);
    return { tensor: g.reverse(tensor, axes), values: reversed(values, axes) };
  },
  ({ tensor, values }, numbers) => {
    const padding = values.shape.map((_, i) => [numbers[i] % 3, numbers[i + 2] % 3] as const);
    return { tensor: g.pad(tensor, padding, -1), values: padded(values, padding, -1) };
  },
  ({ tensor, values }, numbers) => {
    const most = (n: number, wanted: number) => n < 2 ? 0 : wanted % n;
    const padding = values.shape.map((n, i) => [most(n, numbers[i]), most(n, numbers[i + 2])] as const);
    return { tensor: g.pad(tensor, padding, "reflect"), values: padded(values, padding, "reflect") };
  },
  ({ tensor, values }, numbers) => {
    if (values.shape.length === 0) return { tensor, values };
    const axis = numbers[0] % values.shape.length;
    const turned = { tensor: g.reverse(tensor, axis), values: reversed(values, [axis]) };
    return {
      tensor: g.concat([tensor, turned.tensor, tensor], axis),
      values: concatenated([values, turned.values, values], axis),
    };
  },
  ({ tensor, values }, numbers) => {
    const shape = [1 + numbers[0] % 3, ...values.shape];
    return {
      tensor: g.broadcastTo(tensor, shape),
      values: doubles(shape, (index) => stretchedAt(values, index)),
    };
  },
];

const step = fc.record({
  kind: fc.nat(steps.length - 1),
  numbers: fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }),
});
const chainFrom = (smallest: number) =>
  fc.record({
    shape: fc.array(fc.integer({ min: smallest, max: 5 }), { maxLength: 3 }),
    steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  });

/** Runs a chain on a tensor; steps that would make it too large, or give it too many axes, are left out. */
function follow(start: Pair, chain: readonly Step[]): Pair {
  let pair = start;
  for (const { kind, numbers } of chain) {
    const next = steps[kind](pair, numbers);
    if (countOf(next.values.shape) <= LARGEST && next.values.shape.length <= 5) pair = next;
  }
  return pair;
}

/** Numbered elements, so that each place can be told from every other. */
const numbered = (shape: readonly number[]): Doubles => ({
  shape,
  data: Float64Array.from({ length: countOf(shape) }, (_, i) => i + 1),
});

Deno.test("any chain of movement agrees with plain loops", () => {
  fc.assert(
    fc.property(chainFrom(0), ({ shape, steps }) => {
      const x = apply(leaf, [], { kind: "input", name: "x", type: { dtype: "float32", shape } });
      const { tensor, values } = follow({ tensor: x, values: numbered(shape) }, steps);
      assertEquals([...tensor.shape], [...values.shape]);
      assertEquals(interpret([tensor], new Map([[x, numbered(shape).data]]))[0], values.data);
    }),
    { numRuns: 400, seed: 2 },
  );
});

for (const { name, device } of everyDevice) {
  for (const [what, smallest] of [["", 1], [" of tensors that may be empty", 0]] as const) {
    Deno.test(`any chain of movement${what} runs on ${name}, and so does its gradient`, async () => {
      await fc.assert(
        fc.asyncProperty(chainFrom(smallest), async ({ shape, steps }) => {
          const start = numbered(shape);
          let values = start;
          let gradient: Tensor | undefined;
          const type = { dtype: "float32", shape } as const;
          const program = await compileProgram((_state, { x }: Record<"x", Tensor>) => {
            const end = follow({ tensor: x, values: start }, steps);
            values = end.values;
            const weights = Float32Array.from({ length: end.tensor.size }, (_, i) => 1 + i % 7);
            gradient = g.grad(g.sum(g.mul(end.tensor, g.tensor(weights, end.tensor.shape))), [x])[0];
            return { outputs: { y: end.tensor, gradient } };
          }, { device, inputs: { x: type } });
          const result = await program.call({ x: Float32Array.from(start.data) });
          program.close();
          assertEquals(Float64Array.from(result.y.data), values.data);
          assertEquals(Float64Array.from(result.gradient.data), interpret([gradient!])[0]);
        }),
        { numRuns: device.kind === "cpu" ? 300 : 30, seed: 3 },
      );
    });
  }
}
