/** Long sums: what rounding does is bounded however many values there are, in every kind of kernel. */
import { assert } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { ndarray } from "../../engine/array.ts";
import { withPolicy } from "../with_policy.ts";
import * as g from "../../ops/mod.ts";
import { cpu, everyDevice, type TestDevice } from "../devices.ts";

/** Every element is this, which has no exact form: added one by one, errors all go the same way. */
const TENTH = Math.fround(0.1);

interface LongSum {
  readonly name: string;
  readonly shape: readonly number[];
  sum(x: Tensor): Tensor;
  readonly exact: number;
  /** How far results may be off, as a share of the exact one. */
  readonly share: number;
}

const cases: LongSum[] = [
  { name: "a mean of all", shape: [2 ** 20], sum: (x) => g.mean(x), exact: TENTH, share: 1e-6 },
  {
    name: "a sum of each of four columns",
    shape: [300_000, 4],
    sum: (x) => g.sum(x, 0),
    exact: TENTH * 300_000,
    share: 1e-6,
  },
  {
    name: "a sum of each of so many columns that it is not cut into parts",
    shape: [3_000, 1_500],
    sum: (x) => g.sum(x, 0),
    exact: TENTH * 3_000,
    share: 1e-6,
  },
  {
    name: "a sum along rows",
    shape: [3, 300_001],
    sum: (x) => g.sum(x, 1),
    exact: TENTH * 300_001,
    share: 1e-6,
  },
  {
    name: "a sum over a long loop around a short one",
    shape: [100_000, 5, 3],
    sum: (x) => g.sum(x, [0, 2]),
    exact: TENTH * 300_000,
    share: 1e-6,
  },
  {
    name: "a sum over a short loop around a long one",
    shape: [3, 100_000, 7],
    sum: (x) => g.sum(x, [0, 1]),
    exact: TENTH * 300_000,
    share: 1e-6,
  },
  {
    name: "a logarithm of a sum of exponentials",
    shape: [500_000, 2],
    sum: (x) => g.exp(g.sub(g.logSumExp(x, 0), Math.log(500_000))),
    exact: Math.exp(TENTH),
    share: 5e-6,
  },
  {
    name: "a softmax of long rows",
    shape: [64, 30_000],
    sum: (x) => g.softmax(x),
    exact: 1 / 30_000,
    share: 1e-6,
  },
  {
    name: "a variance",
    shape: [400_000, 2],
    sum: (x) => g.mean(g.square(g.sub(x, g.add(g.mean(x, 0), 3))), 0),
    exact: 9,
    share: 3e-6,
  },
  {
    name: "a product of matrices",
    shape: [8, 2 ** 17],
    sum: (x) => g.matmul(x, x, { transposeB: true }),
    exact: TENTH ** 2 * 2 ** 17,
    share: 2e-5,
  },
  {
    name: "a product of matrices that is not cut into equal parts",
    shape: [131_071, 8],
    sum: (x) => g.matmul(g.transpose(x), x),
    exact: TENTH ** 2 * 131_071,
    share: 2e-5,
  },
  {
    name: "a convolution's weight gradient over large images",
    shape: [2, 182, 182, 4],
    sum: (x) => {
      const weight = g.zeros([3, 3, 4, 8]);
      return g.grad(g.sum(g.mul(g.conv2d(x, weight), 0.1)), [weight])[0];
    },
    exact: TENTH ** 2 * 2 * 180 * 180,
    share: 2e-5,
  },
];

const whole: TestDevice = {
  name: "the cpu device with nothing cut into parts",
  device: withPolicy(cpu.device, { split: { reductions: [], contractions: [] } }),
};

for (const { name, device } of [...everyDevice, whole]) {
  for (const { name: what, shape, sum, exact, share } of cases) {
    Deno.test(`${what} does not drift on ${name}`, async () => {
      const x = ndarray("float32", shape, new Float32Array(shape.reduce((a, b) => a * b)).fill(TENTH));
      const program = await compileProgram(
        (_state, given: Record<string, Tensor>) => ({ outputs: { y: sum(given.x) } }),
        { device, inputs: { x } },
      );
      const { y } = await program.call({ x });
      program.close();
      const worst = [...y.data].reduce((most, v) => Math.max(most, Math.abs(v / exact - 1)), 0);
      assert(worst <= share, `off by a share of ${worst}`);
    });
  }
}
