/** y[i] = start + i (stop - start) / (count - 1) */
import { add, f32, i32, lt, mul, select, sub, toF32 } from "../../engine/expression/expr.ts";
import { indexSum } from "../../engine/expression/index_math.ts";
import { finite, whole } from "../../engine/option_kinds.ts";
import { readValue } from "../../engine/options.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";

interface LinspaceAttrs {
  readonly start: number;
  readonly stop: number;
  readonly count: number;
}

/** Each half from its own end, so that both ends are exact. */
const linspaceOp: Op<LinspaceAttrs> = {
  name: "linspace",
  inferShape: (_inputs, { count }) => ({ dtype: "float32", shape: [count] }),
  body: {
    kind: "map",
    elementwise: false,
    value: ({ index: [i], attrs: { start, stop, count } }) => {
      const step = f32(count > 1 ? (stop - start) / (count - 1) : 0);
      const rest = toF32(indexSum([[i, -1]], count - 1));
      return select(
        lt(i, i32(Math.ceil(count / 2))),
        add(f32(start), mul(toF32(i), step)),
        sub(f32(stop), mul(rest, step)),
      );
    },
  },
  flops: ({ size }) => size * 2,
};

/**
 * So many numbers in even steps from `start` to `stop`, both of which are among them; float32.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops } from "@gesso/gesso";
 *
 * assertEquals([...(await compute(ops.linspace(0, 1, 5))).data], [0, 0.25, 0.5, 0.75, 1]);
 * ```
 */
export function linspace(start: number, stop: number, count: number): Tensor {
  readValue("apply linspace", "start", start, finite);
  readValue("apply linspace", "stop", stop, finite);
  readValue("apply linspace", "count", count, whole());
  return apply(linspaceOp, [], { start, stop, count });
}
