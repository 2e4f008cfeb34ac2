/** Ops that move elements: reshape, transpose, slice, concat, pad, reverse. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { type Doubles, doubles, stretchedAt } from "../oracle/doubles.ts";
import { concatenated, padded, reshaped, reversed, sliced, transposed } from "../oracle/movement.ts";
import { floats, shapesOf } from "./inputs.ts";

/** A case of floats of these shapes. */
export function move(
  name: string,
  shapes: readonly (readonly number[])[],
  build: (...inputs: Tensor[]) => Tensor,
  oracle: (...inputs: Doubles[]) => Doubles,
): OpCase {
  return { name, inputs: shapes.map((shape) => floats(...shape)), build, oracle };
}

const reshapes = ([
  [[4, 6], [3, 8]],
  [[2, 3, 5], [-1]],
  [[30], [2, -1, 5]],
  [[1], []],
  [[], [1, 1]],
  [[2, 0, 3], [0, 7]],
  [[0, 3], [2, 0]],
  [[1, 33, 1], [33]],
] as const).map(([from, to]) =>
  move(`reshape() of [${from.join(", ")}] to [${to.join(", ")}]`, [from], (x) => g.reshape(x, to), (x) => {
    const rest = x.data.length / to.reduce((n: number, size) => size === -1 ? n : n * size, 1);
    return reshaped(x, to.map((size) => size === -1 ? rest : size));
  })
);

const flattens = ([[[2, 3, 4], 1, [2, 12]], [[2, 3, 4], 0, [24]], [[2, 3], 2, [2, 3, 1]]] as const).map((
  [from, axis, to],
) =>
  move(
    `flatten() of [${from.join(", ")}] from axis ${axis} on`,
    [from],
    (x) => g.flatten(x, axis),
    (x) => reshaped(x, to),
  )
);

const transposes = ([
  [[5, 7], [1, 0]],
  [[2, 3, 5], [2, 0, 1]],
  [[2, 3, 5], [0, 2, 1]],
  [[2, 3, 5], [0, 1, 2]],
  [[3, 1, 4, 2], [3, 1, 0, 2]],
  [[33, 31], [1, 0]],
  [[1, 7], [1, 0]],
  [[0, 3], [1, 0]],
  [[4], [0]],
  [[], []],
] as const).map(([shape, order]) =>
  move(
    `transpose() of [${shape.join(", ")}] to [${order.join(", ")}]`,
    [shape],
    (x) => g.transpose(x, order),
    (x) => transposed(x, order),
  )
);

const slices = ([
  [[5, 7], [1, 2], [3, 4], [1, 1]],
  [[5, 9], [0, 1], [3, 3], [2, 3]],
  [[5, 9], [4, 8], [1, 1], [1, 1]],
  [[5, 9], [0, 0], [5, 9], [1, 1]],
  [[33], [2], [11], [3]],
  [[33], [1], [4], [10]],
  [[5], [5], [0], [1]],
  [[5, 0], [1, 0], [2, 0], [1, 1]],
  [[2, 3, 5], [1, 0, 2], [1, 2, 2], [1, 2, 2]],
  [[7], [6], [7], [-1]],
  [[3, 9], [2, 7], [3, 3], [-1, -3]],
  [[33], [30], [4], [-10]],
  [[1, 4], [0, 3], [1, 0], [-1, -2]],
] as const).map(([shape, starts, sizes, strides]) =>
  move(
    `slice() of [${shape.join(", ")}] from [${starts}] with sizes [${sizes}] and strides [${strides}]`,
    [shape],
    (x) => g.slice(x, starts, sizes, strides),
    (x) => sliced(x, starts, sizes, strides),
  )
);

const slicesFromTheEnd = [
  move(
    "slice() from the end",
    [[5, 9]],
    (x) => g.slice(x, [-2, -9], [-1, 3]),
    (x) => sliced(x, [3, 0], [2, 3]),
  ),
  move(
    "slice() backwards as far as there are elements",
    [[5, 9]],
    (x) => g.slice(x, [-1, -2], [-1, -1], [-2, -3]),
    (x) => sliced(x, [4, 7], [3, 3], [-2, -3]),
  ),
];

const concats = ([
  [[[2, 3], [2, 5], [2, 1]], 1],
  [[[2, 3], [4, 3]], 0],
  [[[2, 3], [4, 3]], -2],
  [[[2, 0], [2, 3], [2, 0]], 1],
  [[[0, 3], [0, 3]], 0],
  [[[7]], 0],
  [[[3, 1, 2], [3, 4, 2]], 1],
  [[[1], [1], [1], [1], [1]], 0],
  [[[33], [31], [7]], 0],
] as const).map(([shapes, axis]) =>
  move(
    `concat() of ${shapesOf(shapes)} along axis ${axis}`,
    shapes,
    (...inputs) => g.concat(inputs, axis),
    (...inputs) => concatenated(inputs, axis < 0 ? axis + shapes[0].length : axis),
  )
);

const stacks = ([[[2, 3], 0], [[2, 3], 1], [[2, 3], -1], [[], 0]] as const).map(([shape, axis]) => {
  const at = axis < 0 ? axis + shape.length + 1 : axis;
  const widened = [...shape.slice(0, at), 1, ...shape.slice(at)];
  return move(
    `stack() of three times [${shape.join(", ")}] along axis ${axis}`,
    [shape, shape, shape],
    (...inputs) => g.stack(inputs, axis),
    (...inputs) => concatenated(inputs.map((x) => reshaped(x, widened)), at),
  );
});

const pads = ([
  [[3, 4], [[1, 2], [0, 3]], 7],
  [[3, 4], [[0, 0], [0, 0]], 7],
  [[], [], 1],
  [[1], [[31, 2]], -0.5],
  [[0, 2], [[1, 1], [0, 0]], 3],
  [[3, 5], [[1, 2], [3, 4]], "reflect"],
  [[2, 7], [[0, 0], [6, 6]], "reflect"],
  [[2, 2, 3], [[1, 0], [0, 1], [2, 1]], "reflect"],
  [[33], [[5, 0]], "reflect"],
  [[3, 5], [[2, 1], [0, 4]], "reflect"],
  [[2, 2], [[1, 1], [1, 1]], "reflect"],
  ...(["edge", "wrap"] as const).flatMap((mode) => [
    [[3, 5], [[1, 2], [3, 4]], mode] as const,
    [[2, 2, 3], [[0, 0], [0, 1], [2, 0]], mode] as const,
    [[1], [[3, 0]], mode] as const,
    [[3], [[7, 8]], mode] as const,
    [[33], [[1, 1]], mode] as const,
    [[0, 2], [[0, 0], [1, 1]], mode] as const,
  ]),
  ...[1, 2, 3, 4, 5].map((after) => [[6], [[0, after]], "reflect"] as const),
] as readonly (readonly [number[], [number, number][], g.PadMode])[]).map(([shape, padding, mode]) =>
  move(
    `pad() of [${shape.join(", ")}] by ${JSON.stringify(padding)} with ${mode}`,
    [shape],
    (x) => g.pad(x, padding, mode),
    (x) => padded(x, padding, mode),
  )
);

const reverses =
  ([[[3, 5], 1], [[3, 5], [0, 1]], [[3, 5], undefined], [[33], 0], [[1, 4], 0], [[0, 3], 0]] as [
    number[],
    number | number[] | undefined,
  ][]).map(([shape, axes]) =>
    move(
      `reverse() of [${shape.join(", ")}] along ${axes ?? "all axes"}`,
      [shape],
      (x) => g.reverse(x, axes),
      (x) => reversed(x, axes === undefined ? shape.map((_, i) => i) : [axes].flat()),
    )
  );

const broadcasts =
  ([[[3], [2, 3]], [[2, 1], [2, 5]], [[], [2, 2]], [[1, 1], [0, 3]], [[2, 3], [2, 3]]] as const).map((
    [from, to],
  ) =>
    move(
      `broadcastTo() of [${from.join(", ")}] to [${to.join(", ")}]`,
      [from],
      (x) => g.broadcastTo(x, to),
      (x) => doubles(to, (index) => stretchedAt(x, index)),
    )
  );

/** Movement. */
export const movementCases: OpCase[] = [
  ...reshapes,
  ...flattens,
  ...transposes,
  ...slices,
  ...slicesFromTheEnd,
  ...concats,
  ...stacks,
  ...pads,
  ...reverses,
  ...broadcasts,
];
