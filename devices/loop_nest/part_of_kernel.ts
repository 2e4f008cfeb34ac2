/** Kernels cut into parts: each computes the same for fewer places of one axis. */
import { type Axis, axisValue, type Expr } from "../../engine/expression/expr.ts";
import { indexAdd, rewrite } from "../../engine/expression/index_math.ts";
import type { Kernel } from "../../engine/kernel.ts";

/** A kernel for `size` places of one of its axes, from a place on that may change from part to part. */
export function partOfKernel(kernel: Kernel, axis: Axis, first: Expr, size: number): Kernel {
  const part: Axis = { name: axis.name, size };
  const place = indexAdd(first, axisValue(part));
  const memo = new Map<Expr, Expr>();
  const cut = (e: Expr) =>
    rewrite(e, (inside) => inside.op === "axis" && inside.source === axis ? place : undefined, memo);
  const valuesCut = <T extends { readonly value: Expr }>(some: readonly T[]) =>
    some.map((each) => ({ ...each, value: cut(each.value) }));
  const storesCut = (stores: Kernel["stores"]) =>
    valuesCut(stores).map((store) => ({ ...store, index: cut(store.index) }));
  const { contraction } = kernel;
  return {
    ...kernel,
    space: kernel.space.map((a) => a === axis ? part : a),
    accumulators: valuesCut(kernel.accumulators),
    sweeps: kernel.sweeps.map((sweep) => ({
      accumulators: valuesCut(sweep.accumulators),
      stores: storesCut(sweep.stores),
    })),
    contraction: contraction && {
      ...contraction,
      left: { ...contraction.left, index: contraction.left.index.map(cut) },
      right: { ...contraction.right, index: contraction.right.index.map(cut) },
    },
    stores: storesCut(kernel.stores),
    flops: kernel.flops * size / axis.size,
  };
}
