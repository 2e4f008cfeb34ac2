/** Normalizations: over rows, groups of channels, channels of an example, channels of a batch; and means that are large. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { countOf, type Doubles, doubles, elementAt, elementByElement, indicesOf } from "../oracle/doubles.ts";
import { exactly, floats, floatsIn } from "./inputs.ts";

/** Each element among all those whose index has the same key. */
function amongAlike(
  x: Doubles,
  keyOf: (index: number[]) => string,
  epsilon: number,
  centred = true,
): Doubles {
  const all = indicesOf(x.shape);
  const sets = new Map<string, number[]>();
  for (const index of all) {
    const key = keyOf(index);
    sets.set(key, [...sets.get(key) ?? [], elementAt(x, index)]);
  }
  return doubles(x.shape, (index) => {
    const set = sets.get(keyOf(index))!;
    const mean = centred ? set.reduce((a, b) => a + b, 0) / set.length : 0;
    const variance = set.reduce((sum, v) => sum + (v - mean) ** 2, 0) / set.length;
    return (elementAt(x, index) - mean) / Math.sqrt(variance + epsilon);
  });
}

const rowKey = (count: number) => (index: number[]) => index.slice(0, -count).join();
const scaled = (y: Doubles, scale: Doubles, offset?: Doubles) =>
  elementByElement((a, b, c) => a * b + c, y, scale, offset ?? { data: Float64Array.of(0), shape: [] });

const rows = ([[[5, 7], 1], [[2, 3, 4], 2], [[2, 33], 1], [[3], 1], [[2, 3, 1], 1], [[70, 18], 1], [
  [0, 4],
  1,
]] as [number[], number][]).flatMap(([shape, axes]): OpCase[] => {
  const own = shape.slice(-axes);
  const twice = countOf(shape) < 500;
  const name = `of [${shape.join(", ")}] over ${axes}`;
  return [
    {
      name: `layerNormalization() ${name}`,
      inputs: [floats(...shape), floats(...own), floats(...own)],
      build: (x, scale, offset) => g.layerNormalization(x, { axes, scale, offset, epsilon: 0.01 }),
      oracle: (x, scale, offset) => scaled(amongAlike(x, rowKey(axes), 0.01), scale, offset),
      oracleTolerance: 1e-6,
      tolerance: 5e-6,
      twice,
    },
    {
      name: `rmsNormalization() ${name}`,
      inputs: [floats(...shape), floats(...own)],
      build: (x, scale) => g.rmsNormalization(x, { axes, scale, epsilon: 0.01 }),
      oracle: (x, scale) => scaled(amongAlike(x, rowKey(axes), 0.01, false), scale),
      oracleTolerance: 1e-6,
      tolerance: 5e-6,
      twice,
    },
  ];
});

const channels = ([[[2, 3, 2, 4], 2], [[3, 6], 3], [[2, 5, 4], 1], [[1, 2, 2, 2, 3], 3]] as [
  number[],
  number,
][]).flatMap(([shape, groups]): OpCase[] => {
  const count = shape.at(-1)!;
  const inputs = [floats(...shape), floats(count), floats(count)];
  const same = { inputs, oracleTolerance: 1e-6, tolerance: 1e-5 };
  const name = `of [${shape.join(", ")}]`;
  return [
    {
      ...same,
      name: `groupNormalization() ${name} in ${groups} groups`,
      build: (x, scale, offset) => g.groupNormalization(x, groups, { scale, offset, epsilon: 0.1 }),
      oracle: (x, scale, offset) => {
        const group = (index: number[]) => `${index[0]} ${Math.floor(index.at(-1)! / (count / groups))}`;
        return scaled(amongAlike(x, group, 0.1), scale, offset);
      },
    },
    {
      ...same,
      name: `instanceNormalization() ${name}`,
      build: (x, scale, offset) => g.instanceNormalization(x, { scale, offset, epsilon: 0.1 }),
      oracle: (x, scale, offset) =>
        scaled(amongAlike(x, (index) => `${index[0]} ${index.at(-1)}`, 0.1), scale, offset),
    },
    {
      ...same,
      name: `batchNormalization() ${name}`,
      build: (x, scale, offset) => g.batchNormalization(x, { scale, offset, epsilon: 0.1 }),
      oracle: (x, scale, offset) => scaled(amongAlike(x, (index) => `${index.at(-1)}`, 0.1), scale, offset),
    },
  ];
});

const known: OpCase = {
  name: "batchNormalization() by statistics that are given",
  inputs: [floats(4, 3), floats(3), floatsIn(0.5, 2, 3), floats(3)],
  build: (x, mean, variance, scale) =>
    g.batchNormalization(x, { statistics: { mean, variance }, scale, epsilon: 0.01 }),
  oracle: (x, mean, variance, scale) =>
    elementByElement((a, m, v, s) => (a - m) / Math.sqrt(v + 0.01) * s, x, mean, variance, scale),
  oracleTolerance: 1e-7,
};

/** Numbers that single precision holds exactly, with means far from zero. */
const far = [4096, 4097, 4098, 4101, -1e4, -1e4 + 2, -1e4 + 4, -1e4 + 10];
const large: OpCase = {
  name: "layerNormalization() of rows whose mean is thousands of times what they differ by",
  inputs: [exactly(far, "float32", [2, 4])],
  build: (x) => g.layerNormalization(x),
  oracle: (x) => amongAlike(x, rowKey(1), 1e-5),
  oracleTolerance: 1e-6,
  twice: false,
};

/** With nothing to tell apart there is nothing to divide by but epsilon. */
const equal: OpCase = {
  name: "layerNormalization() of rows of one number, and of zeros",
  inputs: [exactly([3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 0, 0, 0], "float32", [2, 7])],
  build: (x) => g.add(g.layerNormalization(x), g.rmsNormalization(x)),
  oracle: (x) => doubles(x.shape, (index) => elementAt(x, index) > 0 ? 3 / Math.sqrt(9 + 1e-6) : 0),
  oracleTolerance: 1e-6,
  smooth: false,
};

/** Normalizations. */
export const normalizationCases: OpCase[] = [...rows, ...channels, known, large, equal];
