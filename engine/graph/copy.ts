/** The one op that the engine itself adds to graphs: a copy, where two names would share memory. */
import { apply, type Op, type Tensor } from "../tensor.ts";

let copies = 0;

const copy: Op<{ serial: number }> = {
  name: "copy",
  inferShape: ([input]) => ({ dtype: input.dtype, shape: input.shape }),
  vjp: (cotangent) => [cotangent],
  body: { kind: "map", elementwise: true, value: (context) => context.load(0, context.index) },
  flops: () => 0,
};

/** The same values in memory of their own. No two copies are ever merged into one. */
export function copyOf(tensor: Tensor): Tensor {
  return apply(copy, [tensor], { serial: copies++ });
}
