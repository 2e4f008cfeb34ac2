/**
 * Short elements within a loop. Four bytes or two halves are one word of memory, which two workgroups cannot write to without
 * spoiling each other's part. So what a map of the loop would store in short elements is computed where it is needed: such
 * values are mostly masks, made of next to nothing, such as lengths and the position.
 */
import { bytesPerElement } from "../../../engine/array.ts";
import { type Axis, axisValue, type Expr, visit } from "../../../engine/expression/expr.ts";
import { flatten, rewrite, unflatten } from "../../../engine/expression/index_math.ts";
import { type Kernel, kernelStores, type Store } from "../../../engine/kernel.ts";
import type { Tensor } from "../../../engine/tensor.ts";

const isShort = ({ dtype }: Tensor) => bytesPerElement(dtype) < 4;

/**
 * For each kernel of a loop the one that takes its place, if none is to store short elements; none for those that store
 * nothing else.
 *
 * @param isNeeded Whether a tensor is needed outside of these kernels.
 * @returns `undefined` where that is not possible.
 */
export function withoutShortStores(
  kernels: readonly Kernel[],
  isNeeded: (tensor: Tensor) => boolean,
): Map<Kernel, Kernel> | undefined {
  const written = new Map<Tensor, { store: Store; space: readonly Axis[] }>();
  const others = new Set(
    kernels.flatMap((k) => kernelStores(k).map(({ store }) => store.target)).filter((t) => !isShort(t)),
  );
  /** Whether a value may be another one by the time that it is needed. */
  const changes = (value: Expr) => {
    let reads = false;
    visit([value], (e) => {
      if (e.op === "load" && others.has(e.source as Tensor)) reads = true;
    });
    return reads;
  };
  const left = new Map<Kernel, Kernel>();
  for (const kernel of kernels) {
    const { space } = kernel;
    const short = kernelStores(kernel).map(({ store }) => store).filter((s) => isShort(s.target));
    const isMap = !kernel.contraction && kernel.accumulators.length === 0 && kernel.sweeps.length === 0;
    for (const store of short) {
      const isPlain = store.index === flatten(space.map(axisValue), space.map((a) => a.size));
      if (!isMap || !isPlain || changes(store.value)) return undefined;
      if (isNeeded(store.target) || written.has(store.target)) return undefined;
      written.set(store.target, { store, space });
    }
    const stores = kernel.stores.filter((s) => !isShort(s.target));
    if (stores.length > 0) left.set(kernel, short.length > 0 ? { ...kernel, stores } : kernel);
  }
  if (written.size === 0) return left;
  const memo = new Map<Expr, Expr>();
  const inline = (e: Expr): Expr => rewrite(e, replace, memo);
  const replace = (e: Expr): Expr | undefined => {
    const known = e.op === "load" ? written.get(e.source as Tensor) : undefined;
    if (!known) return undefined;
    const places = unflatten(inline(e.args[0]), known.space.map((a) => a.size));
    const own = new Map<unknown, Expr>(known.space.map((axis, i) => [axis, places[i]]));
    return inline(
      rewrite(known.store.value, (part) => part.op === "axis" ? own.get(part.source) : undefined),
    );
  };
  const inlined = <T extends { readonly value: Expr }>(some: readonly T[]) =>
    some.map((each) => ({ ...each, value: inline(each.value) }));
  for (const [kernel, kept] of left) {
    const { contraction } = kept;
    const side = (operand: NonNullable<typeof contraction>["left"]) => ({
      ...operand,
      at: (index: readonly Expr[]) => inline(operand.at(index)),
    });
    left.set(kernel, {
      ...kept,
      accumulators: inlined(kept.accumulators),
      contraction: contraction &&
        { ...contraction, left: side(contraction.left), right: side(contraction.right) },
      stores: inlined(kept.stores),
    });
  }
  return left;
}
