/**
 * y[..., i, ...] = sum_t weight[i, t] x[..., index[i, t], ...]: each place along an axis from a few others. Which, and by what
 * weight, is known when a program is traced. The gradient is of the same kind, with the table turned round.
 */
import { eq, f32, mul, select } from "../../engine/expression/expr.ts";
import { apply, type Op, type Tensor } from "../../engine/tensor.ts";
import { tensor } from "../creation/full.ts";

/** What a place is made from: places of the input, and their weights. */
export type Taps = readonly (readonly [place: number, weight: number])[];

/** For each place of a result, what it is made from. */
export class TapTable {
  readonly taps: readonly Taps[];
  readonly #inputs: number;
  #tensors: readonly [index: Tensor, weight: Tensor] | undefined;
  #reverse: TapTable | undefined;

  /** `inputs` is the number of places that there are to take from. */
  constructor(taps: readonly Taps[], inputs: number) {
    this.taps = taps;
    this.#inputs = inputs;
  }

  /** The most taps of a place. */
  get longest(): number {
    return Math.max(1, ...this.taps.map((taps) => taps.length));
  }

  /** The table as `[places, taps]`; places with fewer taps have some without weight. */
  get tensors(): readonly [index: Tensor, weight: Tensor] {
    if (this.#tensors) return this.#tensors;
    const shape = [this.taps.length, this.longest];
    const flat = (part: 0 | 1) =>
      this.taps.flatMap((taps) => Array.from({ length: shape[1] }, (_, t) => taps[t]?.[part] ?? 0));
    return this.#tensors = [
      tensor(Int32Array.from(flat(0)), shape),
      tensor(Float32Array.from(flat(1)), shape),
    ];
  }

  /** For each place of the input, where it went. */
  get reverse(): TapTable {
    if (this.#reverse) return this.#reverse;
    const back = Array.from({ length: this.#inputs }, () => new Map<number, number>());
    this.taps.forEach((taps, i) => {
      for (const [place, weight] of taps) {
        if (weight !== 0) back[place].set(i, (back[place].get(i) ?? 0) + weight);
      }
    });
    this.#reverse = new TapTable(back.map((taps) => [...taps]), this.taps.length);
    this.#reverse.#reverse = this;
    return this.#reverse;
  }
}

interface ResampleAttrs {
  readonly axis: number;
  readonly table: TapTable;
}

const resampleOp: Op<ResampleAttrs> = {
  name: "resample",
  inferShape: ([x], { axis, table }) => ({
    dtype: x.dtype,
    shape: x.shape.map((n, a) => a === axis ? table.taps.length : n),
  }),
  vjp: (g, { attrs: { axis, table } }) => [resample(g, axis, table.reverse), null, null],
  body: {
    kind: "reduce",
    reduceOp: "sum",
    over: (_inputs, { table }) => [table.longest],
    value: ({ index, load, attrs: { axis } }, [t]) => {
      const [place, weight] = [1, 2].map((input) => load(input, [index[axis], t]));
      const element = load(0, index.map((e, a) => a === axis ? place : e));
      // What has no weight does not count, be it infinite.
      return select(eq(weight, f32(0)), f32(0), mul(weight, element));
    },
  },
  flops: ({ size, attrs: { table } }) => 2 * size * table.longest,
};

/** `x` with other places along an axis. */
export function resample(x: Tensor, axis: number, table: TapTable): Tensor {
  return apply(resampleOp, [x, ...table.tensors], { axis, table });
}
