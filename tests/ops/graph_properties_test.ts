/** Any small graph of element-wise ops, reductions and products: devices agree with the interpreter. */
import fc from "fast-check";
import { compileProgram } from "../../engine/compile_program.ts";
import { apply, leaf, type Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { assertClose, random } from "../check_op.ts";
import { cpuInRows, everyDevice } from "../devices.ts";
import { interpret } from "../oracle/interpreter.ts";

/** One node: which op, and which of the nodes before it go in. */
interface NodePlan {
  readonly kind: number;
  readonly first: number;
  readonly second: number;
}

/** All values stay within a few units, so that rounding does not grow along the graph. */
const kinds: ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a) => g.tanh(a),
  (a) => g.square(g.sin(a)),
  (a) => g.relu(a),
  (a) => g.sigmoid(g.mul(a, 2)),
  (a, b) => g.mul(0.5, g.add(a, b)),
  (a, b) => g.sub(g.tanh(a), g.tanh(b)),
  (a, b) => g.mul(g.tanh(a), b),
  (a, b) => g.maximum(a, b),
  (a, b) => g.where(g.greater(a, b), g.mul(a, 0.5), b),
  (a) => g.mean(a, 0, { keepDims: true }),
  (a) => g.max(a, 1, { keepDims: true }),
  (a) => g.tanh(g.logSumExp(a, [0, 1], { keepDims: true })),
  (a) => g.softmax(a, 1),
  (a) => g.transpose(a),
  (a, b) => g.tanh(g.matmul(a, b, { transposeB: a.shape[1] !== b.shape[0] })),
  (a) => g.reverse(a, 1),
  (a) => g.mul(g.cast(g.greater(a, 0), "float32"), a),
  (a) => g.mul(0.5, g.sub(a, g.mean(a, 1, { keepDims: true }))),
  (a) => g.mul(a, g.rsqrt(g.add(g.mean(g.square(a), -1, { keepDims: true }), 1))),
  (a) => g.softmax(g.mul(a, 2), -1),
];

const usable = (kind: number, a: Tensor, b: Tensor): boolean => {
  // Products of what fits; stretched sides only where they stretch.
  if (kinds[kind] === kinds[14]) return a.shape[1] === b.shape[0] || a.shape[1] === b.shape[1];
  return [0, 1].every((axis) =>
    a.shape[axis] === b.shape[axis] || a.shape[axis] === 1 || b.shape[axis] === 1
  );
};

function build(inputs: readonly Tensor[], plans: readonly NodePlan[]): Record<string, Tensor> {
  const nodes = [...inputs];
  for (const { kind, first, second } of plans) {
    const [a, b] = [nodes[first % nodes.length], nodes[second % nodes.length]];
    if (usable(kind, a, b)) nodes.push(kinds[kind](a, b));
  }
  const made = nodes.slice(inputs.length);
  const last = made.at(-1) ?? inputs[0];
  const gradients = g.grad(g.sum(g.mul(last, last)), [...inputs]);
  return Object.fromEntries([
    // Every third node is an output, so that some are and some are not kept.
    ...made.filter((_, i) => i % 3 === 2 || i === made.length - 1).map((node, i) => [`y${i}`, node] as const),
    ...gradients.map((gradient, i) => [`gradient${i}`, gradient] as const),
  ]);
}

const graph = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  columns: fc.integer({ min: 1, max: 18 }),
  plans: fc.array(
    fc.record({ kind: fc.nat(kinds.length - 1), first: fc.nat(30), second: fc.nat(30) }),
    { minLength: 1, maxLength: 14 },
  ),
});

for (const { name: place, device } of [...everyDevice, cpuInRows]) {
  Deno.test(`any graph of element-wise ops, reductions and products runs on ${place}`, async () => {
    await fc.assert(
      fc.asyncProperty(graph, async ({ rows, columns, plans }) => {
        const shapes = [[rows, columns], [rows, columns], [1, columns], [rows, 1], [columns, columns]];
        const next = random(rows * 31 + columns);
        const data = shapes.map((s) => Float32Array.from({ length: s[0] * s[1] }, () => 4 * next() - 2));
        const types = shapes.map((shape) => ({ dtype: "float32", shape } as const));
        const leaves = types.map((type, i) => apply(leaf, [], { kind: "input", name: `x${i}`, type }));
        const program = await compileProgram(
          (_state, inputs: Record<string, Tensor>) => ({ outputs: build(Object.values(inputs), plans) }),
          { device, inputs: Object.fromEntries(types.map((type, i) => [`x${i}`, type])) },
        );
        const actual = await program.call(Object.fromEntries(data.map((d, i) => [`x${i}`, d])));
        program.close();
        const expected = build(leaves, plans);
        const values = interpret(Object.values(expected), new Map(leaves.map((l, i) => [l, data[i]])));
        Object.keys(expected).forEach((name, i) => assertClose(actual[name].data, values[i], 2e-4, name));
      }),
      { numRuns: device.kind === "cpu" ? 400 : 30, seed: 4 },
    );
  });
}
