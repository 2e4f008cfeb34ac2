/** Packed blocks, and what counts as constant. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { type Doubles, doubles, elementAt, elementByElement } from "../oracle/doubles.ts";
import { floats, floatsIn } from "./inputs.ts";

/** Pieces from multiples of four on, zeros between them. */
function packed(pieces: readonly Doubles[]): Doubles {
  const all = pieces.flatMap(({ data }) => {
    const size = Math.ceil(data.length / 4) * 4;
    return Array.from({ length: size }, (_, i) => data[i] ?? 0);
  });
  return { data: Float64Array.from(all), shape: [all.length] };
}

const packs: OpCase[] = [
  {
    name: "pack() of inputs",
    inputs: [floats(3, 5), floats(2), floats(), floats(4), floats(0, 3)],
    build: (...pieces) => g.pack(pieces),
    oracle: (...pieces) => packed(pieces),
  },
  {
    name: "pack() of what kernels compute, and arithmetic on the block",
    inputs: [floats(3, 5), floats(2), floatsIn(0.5, 2, 7, 3)],
    build: (a, b, c) => g.mul(g.pack([g.exp(a), g.neg(b), g.sum(c, 0)]), 2),
    oracle: (a, b, c) => {
      const sums = doubles(
        [3],
        ([j]) => Array.from({ length: 7 }, (_, i) => elementAt(c, [i, j])).reduce((x, y) => x + y),
      );
      const block = packed([elementByElement(Math.exp, a), elementByElement((x) => -x, b), sums]);
      return elementByElement((x) => 2 * x, block);
    },
  },
  {
    name: "pack() of one tensor twice",
    inputs: [floats(5)],
    build: (a) => g.pack([a, a]),
    oracle: (a) => packed([a, a]),
  },
  {
    name: "unpack() of a block in another order",
    inputs: [floats(20)],
    build: (block) => {
      const [a, b, c] = g.unpack(block, g.packLayout([[3, 3], [], [2, 2]]));
      return g.add(g.mul(g.slice(a, [0, 0], [2, 2]), b), c);
    },
    oracle: ({ data }) => doubles([2, 2], ([i, j]) => data[3 * i + j] * data[12] + data[16 + 2 * i + j]),
  },
  {
    name: "unpack() of pack()",
    inputs: [floats(3, 3), floats(5)],
    build: (a, b) => {
      const shapes = [[3, 3], [5]];
      const [x, y] = g.unpack(g.pack([g.tanh(a), g.mul(b, 3)]), g.packLayout(shapes));
      return g.concat([g.reshape(x, [9]), y]);
    },
    oracle: (a, b) => ({
      data: Float64Array.from([...a.data.map(Math.tanh), ...b.data.map((v) => 3 * v)]),
      shape: [14],
    }),
  },
];

/** Elements of less than four bytes, which devices may write several at a time: nothing of that in the gaps. */
const shortPacks = (["bool", "uint8"] as const).map((dtype): OpCase => ({
  name: `pack() of ${dtype} that kernels compute`,
  inputs: [floats(5), floats(3, 3)],
  build: (...pieces) => g.pack(pieces.map((x) => g.cast(g.greaterEqual(x, -9), dtype))),
  oracle: (...pieces) => packed(pieces.map((x) => elementByElement(() => 1, x))),
  differentiable: false,
}));

const stopped: OpCase = {
  name: "stopGradient() on the way forward",
  inputs: [floats(3, 5)],
  build: (x) => g.mul(g.stopGradient(g.exp(x)), 2),
  oracle: (x) => elementByElement((v) => 2 * Math.exp(v), x),
  differentiable: false,
};

/** Packed blocks. */
export const packCases: OpCase[] = [...packs, ...shortPacks, stopped];
