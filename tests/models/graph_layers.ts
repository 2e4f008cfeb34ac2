/** Layers of several inputs that tests build graphs of. */
import type { Layer } from "../../models/layer.ts";
import { add, concat, gather, mul } from "../../ops/mod.ts";

/** The sum of two inputs of one shape. */
export const sumOf = (): Layer => ({
  type: "sumOf",
  config: {},
  arity: 2,
  outputShape: (a, b) => {
    if (`${a}` !== `${b}`) throw new RangeError(`Cannot add [${a}] and [${b}]`);
    return [...a];
  },
  weights: () => [],
  apply: (_x, { inputs: [a, b] }) => add(a, b),
});

/** Any number of inputs of one axis, one behind the other. */
export const joined = (): Layer => ({
  type: "joined",
  config: {},
  arity: "several",
  outputShape: (...shapes) => [shapes.reduce((sum, [size]) => sum + size, 0)],
  weights: () => [],
  apply: (_x, { inputs }) => concat([...inputs], 1),
});

/** A row of a table for each whole number, times a number beside it. */
export const scaledRows = (rows: number, size: number): Layer => ({
  type: "scaledRows",
  config: { rows, size },
  arity: 2,
  inputDType: ["int32", "float32"],
  outputShape: () => [size],
  weights: () => [{ name: "table", shape: [rows, size], initializer: "glorotUniform", trainable: true }],
  apply: (row, { inputs: [, factor], weights: { table } }) => mul(gather(table, row), factor),
});
