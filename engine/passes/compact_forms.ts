/**
 * Values that are kept in another form: whoever needs such a value reads what is kept, so that it is not stored twice.
 * Which ops keep values so is for them to say (`Op.compactForm`).
 */
import { rebuild, topological } from "../graph/graph.ts";
import { type Tensor, withInputs } from "../tensor.ts";

/** Rewrites the graph; gives, for each root in order, the tensor that takes its place. */
export function readCompactForms(roots: readonly Tensor[]): Tensor[] {
  const order = topological(roots);
  const keepers = new Map<Tensor, Tensor>();
  for (const tensor of order) if (tensor.op.compactForm) keepers.set(tensor.inputs[0], tensor);
  if (keepers.size === 0) return [...roots];
  /** What is kept in another form, with its inputs read in that form. */
  const plain = new Map<Tensor, Tensor>();
  const ownKeepers = new Map<Tensor, Tensor>();
  const read = rebuild(roots, (tensor, copy) => {
    if (tensor.op.compactForm) {
      return ownKeepers.get(tensor) ?? withInputs(tensor, tensor.inputs.map((input) => plain.get(input)!));
    }
    const keeper = keepers.get(tensor);
    if (!keeper) return undefined;
    plain.set(tensor, copy);
    const own = withInputs(keeper, [copy]);
    ownKeepers.set(keeper, own);
    return keeper.op.compactForm!(own);
  });
  return roots.map((root, i) => plain.get(root) ?? read[i]);
}
