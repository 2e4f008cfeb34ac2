/** Convolutions and pools over one axis and over three, transposed convolutions, and channels that do not see each other. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { convolved, type Layout, pooledOver, spread } from "../oracle/windows.ts";
import { floats } from "./inputs.ts";

const describe = (op: string, shapes: readonly (readonly number[])[], options: object) => {
  const given = JSON.stringify(options).replaceAll('"', "");
  return `${op}() of ${shapes.map((s) => `[${s.join(", ")}]`).join(" by ")}${
    given === "{}" ? "" : ` with ${given}`
  }`;
};

type Options1d = { strides?: number; dilations?: number; padding?: g.WindowPadding1d; groups?: number };

/** The same windows as the oracle wants them. */
function along({ strides, dilations, padding, groups }: Options1d, size: number): Layout {
  const reach = (size - 1) * (dilations ?? 1) + 1;
  const ends = padding === "causal"
    ? [reach - 1, 0]
    : typeof padding === "number"
    ? [padding, padding]
    : padding;
  return {
    strides: [strides ?? 1],
    dilations: [dilations ?? 1],
    padding: typeof ends === "object" ? [ends as number[]] : ends,
    groups,
  };
}

const sequences = ([
  [[2, 9, 3], [3, 3, 4], {}],
  [[2, 9, 3], [4, 3, 5], { padding: "same", strides: 2 }],
  [[2, 7, 2], [3, 2, 3], { padding: "causal", dilations: 2 }],
  [[1, 8, 4], [2, 1, 8], { groups: 4, padding: [0, 3] }],
  [[3, 5, 1], [5, 1, 2], { padding: 2 }],
  [[2, 7, 1], [3, 1, 9], { padding: "causal" }],
  [[1, 9, 2], [1, 2, 3], { strides: 4 }],
  [[0, 5, 2], [3, 2, 2], {}],
] as [number[], number[], Options1d][]).map(([x, w, options]): OpCase => ({
  name: describe("conv1d", [x, w], options),
  inputs: [floats(...x), floats(...w)],
  build: (x, w) => g.conv1d(x, w, options),
  oracle: (x, w) => convolved(x, w, along(options, w.shape[0])),
  tolerance: 3e-6,
}));

type Options3d = Pick<g.Conv3dOptions, "strides" | "dilations" | "padding" | "groups"> & Layout;

const volumes = ([
  [[2, 4, 5, 3, 2], [2, 3, 2, 2, 3], {}],
  [[1, 5, 4, 6, 2], [3, 2, 3, 2, 3], { padding: "same", strides: [2, 1, 3] }],
  [[1, 5, 3, 4, 4], [2, 2, 2, 2, 6], { groups: 2, dilations: [3, 1, 2], padding: [[1, 0], [0, 2], [1, 1]] }],
  [[1, 6, 5, 5, 1], [2, 2, 2, 1, 2], { strides: [2, 2, 2], dilations: [2, 2, 2] }],
  [[1, 3, 3, 3, 6], [3, 3, 3, 1, 6], { groups: 6, padding: "same" }],
  [[2, 1, 1, 1, 2], [1, 1, 1, 2, 2], {}],
  [[2, 4, 6, 6, 3], [3, 3, 3, 3, 9], { padding: "same" }],
] as [number[], number[], Options3d][]).map(([x, w, options]): OpCase => ({
  name: describe("conv3d", [x, w], options),
  inputs: [floats(...x), floats(...w)],
  build: (x, w) => g.conv3d(x, w, options),
  oracle: (x, w) => convolved(x, w, options),
  tolerance: 5e-6,
  twice: x[1] < 5 && x[0] * w[4] < 9,
}));

type TransposeOptions =
  & Pick<g.Conv2dTransposeOptions, "strides" | "dilations" | "padding" | "outputPadding">
  & Layout;

/** With the rows and columns that come out, worked out by hand. */
const transposes = ([
  [[2, 3, 4, 2], [3, 3, 3, 2], [5, 6], {}],
  [[2, 3, 4, 2], [2, 2, 3, 2], [6, 8], { strides: [2, 2] }],
  [[1, 3, 2, 3], [3, 4, 2, 3], [6, 4], { strides: [2, 2], padding: "same" }],
  [[1, 3, 2, 3], [2, 1, 2, 3], [9, 6], { strides: [3, 3], padding: "same" }],
  [[1, 3, 4, 2], [3, 3, 1, 2], [6, 6], { strides: [2, 2], padding: [[1, 1], [1, 2]], outputPadding: [1, 0] }],
  [[2, 2, 3, 2], [3, 2, 2, 2], [6, 7], { dilations: [2, 1], strides: [1, 2], outputPadding: [0, 1] }],
  [[1, 3, 3, 2], [2, 2, 2, 2], [7, 7], { strides: [2, 2], dilations: [2, 2] }],
  [[2, 3, 3, 6], [3, 3, 2, 6], [7, 5], { groups: 3, strides: [2, 1] }],
  [[1, 4, 4, 8], [4, 4, 3, 8], [8, 8], { strides: [2, 2], padding: [[1, 1], [1, 1]] }],
  [[2, 5, 4, 9], [3, 3, 1, 9], [5, 4], { padding: "same" }],
  [[1, 2, 2, 2], [1, 1, 3, 2], [4, 7], { strides: [3, 5], outputPadding: [0, 1] }],
] as [number[], number[], number[], TransposeOptions][]).map(([x, w, output, options]): OpCase => ({
  name: describe("conv2dTranspose", [x, w], options),
  inputs: [floats(...x), floats(...w)],
  build: (x, w) => g.conv2dTranspose(x, w, options),
  oracle: (x, w) => spread(x, w, output, options),
  tolerance: 3e-6,
}));

const round: OpCase = {
  name: "conv2dTranspose() of conv2d(), and one more on top, as a generator has them",
  inputs: [floats(2, 4, 4, 2), floats(3, 3, 2, 3), floats(3, 3, 2, 3)],
  build: (x, v, w) => {
    const small = g.tanh(g.conv2d(x, v, { strides: 2, padding: "same" }));
    return g.conv2dTranspose(small, w, { strides: 2, padding: "same" });
  },
  oracle: (x, v, w) => {
    const layout = { strides: [2, 2], padding: "same" } as const;
    const small = convolved(x, v, layout);
    return spread({ ...small, data: small.data.map(Math.tanh) }, w, [4, 4], layout);
  },
  tolerance: 3e-6,
};

/** The gradient of these gradients goes through the transpose to the gradient itself, which a plain convolution has constant. */
const leftOver = ([
  [[2, 7, 8, 2], [2, 2, 2, 3], { strides: [3, 2] }],
  [[1, 5, 4, 2], [3, 2, 2, 2], { strides: [2, 3], padding: [[0, 1], [1, 0]] }],
  [[1, 8, 9, 1], [2, 3, 1, 2], { strides: [2, 2], dilations: [2, 2] }],
] as [number[], number[], Pick<g.Conv2dOptions, "strides" | "dilations" | "padding"> & Layout][]).map((
  [x, w, options],
): OpCase => ({
  name: describe("square() of conv2d", [x, w], options),
  inputs: [floats(...x), floats(...w)],
  build: (x, w) => g.square(g.conv2d(x, w, options)),
  oracle: (x, w) => {
    const y = convolved(x, w, options);
    return { ...y, data: y.data.map((v) => v * v) };
  },
  tolerance: 5e-6,
}));

const maxOf = (values: number[]) => Math.max(...values);
const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

const pools1d = ([
  [[2, 7, 3], 2, {}],
  [[2, 9, 2], 3, { strides: 2, padding: "same" }],
  [[1, 6, 4], 3, { strides: 1, padding: "causal" }],
  [[2, 5, 1], 2, { strides: 3, padding: [0, 1] }],
] as [number[], number, Options1d][]).flatMap(([x, poolSize, options]): OpCase[] =>
  ([["maxPool1d", maxOf], ["averagePool1d", meanOf]] as const).map(([op, combine]) => ({
    name: describe(op, [x, [poolSize]], options),
    inputs: [floats(...x)],
    build: (x) => g[op](x, { poolSize, ...options }),
    oracle: (x) => {
      const { strides, padding } = along({ strides: poolSize, ...options }, poolSize);
      return pooledOver(x, [poolSize], combine, { strides, padding });
    },
    oracleTolerance: 1e-7,
  }))
);

const pools3d = ([
  [[2, 4, 5, 4, 3], [2, 2, 2], {}],
  [[1, 5, 4, 6, 2], [3, 2, 3], { strides: [2, 1, 2], padding: "same" }],
  [[1, 3, 4, 3, 2], [2, 3, 1], { strides: [1, 2, 1], padding: [[1, 1], [2, 0], [0, 0]] }],
] as [number[], [number, number, number], Pick<g.Pool3dOptions, "strides" | "padding"> & Layout][]).flatMap((
  [x, poolSize, options],
): OpCase[] =>
  ([["maxPool3d", maxOf], ["averagePool3d", meanOf]] as const).map(([op, combine]) => ({
    name: describe(op, [x, poolSize], options),
    inputs: [floats(...x)],
    build: (x) => g[op](x, { poolSize, ...options }),
    oracle: (x) => pooledOver(x, poolSize, combine, options),
    oracleTolerance: 1e-7,
  }))
);

/** Windows over one axis and three, and transposes. */
export const windowAxesCases: OpCase[] = [
  ...sequences,
  ...volumes,
  ...leftOver,
  ...transposes,
  round,
  ...pools1d,
  ...pools3d,
];
