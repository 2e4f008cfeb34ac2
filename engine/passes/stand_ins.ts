/**
 * Values that are kept in another form: whoever needs such a value reads what is kept, so that it is not stored twice.
 * Which ops keep values so is for them to say (`Op.standIn`).
 */
import { topological } from "../graph/graph.ts";
import { type Tensor, withInputs } from "../tensor.ts";

/** Rewrites the graph; gives, for each root in order, the tensor that takes its place. */
export function readStandIns(roots: readonly Tensor[]): Tensor[] {
  const order = topological(roots);
  const keepers = new Map<Tensor, Tensor>();
  for (const tensor of order) if (tensor.op.standIn) keepers.set(tensor.inputs[0], tensor);
  if (keepers.size === 0) return [...roots];
  const replacement = new Map<Tensor, Tensor>();
  const standIns = new Map<Tensor, Tensor>();
  const rebuilt = (tensor: Tensor): Tensor => {
    const known = replacement.get(tensor);
    if (known) return known;
    const inputs = tensor.inputs.map((input) => tensor.op.standIn ? rebuilt(input) : read(input));
    const result = withInputs(tensor, inputs);
    replacement.set(tensor, result);
    return result;
  };
  const read = (tensor: Tensor): Tensor => {
    const keeper = keepers.get(tensor);
    if (!keeper) return rebuilt(tensor);
    let standIn = standIns.get(tensor);
    if (!standIn) standIns.set(tensor, standIn = keeper.op.standIn!(rebuilt(keeper)));
    return standIn;
  };
  // In topological order the recursion above stays shallow.
  order.forEach(rebuilt);
  return roots.map(rebuilt);
}
