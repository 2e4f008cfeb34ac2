/** What of a loop is needed: the results that are read, and the leaves of its body that these depend on. */
import { topological } from "../graph/graph.ts";
import { type LoopAttrs, loopAttrs, type ResultAttrs, resultAttrs } from "../graph/loop.ts";
import type { Tensor } from "../tensor.ts";

/** A name for one of a loop's results. */
export const nameOf = ({ of, number }: ResultAttrs): string => `${of} ${number}`;

/** Which results of each loop are needed: of those that are needed only by what a loop does not need itself, none. */
export function usedResults(roots: readonly Tensor[]): Map<Tensor, Set<string>> {
  const used = new Map<Tensor, Set<string>>();
  const live = new Set<Tensor>(roots);
  for (const tensor of topological(roots).reverse()) {
    if (!live.has(tensor)) continue;
    const attrs = loopAttrs(tensor);
    if (attrs) {
      const { carries, slices, fixed } = liveLeaves(attrs, used.get(tensor)!);
      [...attrs.carries, ...attrs.slices, ...attrs.fixed].forEach((own, i) => {
        if (carries.has(own) || slices.has(own) || fixed.has(own)) live.add(tensor.inputs[i]);
      });
      continue;
    }
    if (tensor.op.body.kind === "result") {
      const [node] = tensor.inputs;
      if (!used.has(node)) used.set(node, new Set());
      used.get(node)!.add(nameOf(resultAttrs(tensor)));
    }
    tensor.inputs.forEach((input) => live.add(input));
  }
  return used;
}

/** Leaves of a loop's body. */
export interface LiveLeaves {
  readonly carries: ReadonlySet<Tensor>;
  readonly slices: ReadonlySet<Tensor>;
  readonly fixed: ReadonlySet<Tensor>;
}

/** The leaves of a loop's body that the used results depend on, over one step or several. */
export function liveLeaves(
  { carries, slices, fixed, next, kept, sums }: LoopAttrs,
  used: ReadonlySet<string>,
): LiveLeaves {
  const isUsed = (of: ResultAttrs["of"]) => (_: Tensor, number: number) => used.has(nameOf({ of, number }));
  const wanted = new Set(carries.filter(isUsed("carry")));
  for (;;) {
    const roots = [
      ...kept.filter(isUsed("kept")),
      ...sums.filter(isUsed("sum")),
      ...next.filter((_, i) => wanted.has(carries[i])),
    ];
    const reached = new Set(topological(roots));
    const more = carries.filter((carry) => reached.has(carry) && !wanted.has(carry));
    if (more.length === 0) {
      const within = (leaves: readonly Tensor[]) => new Set(leaves.filter((t) => reached.has(t)));
      return { carries: wanted, slices: within(slices), fixed: within(fixed) };
    }
    more.forEach((carry) => wanted.add(carry));
  }
}
