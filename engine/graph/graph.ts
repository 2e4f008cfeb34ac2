/** Walks over graphs of tensors. */
import { type Tensor, withInputs } from "../tensor.ts";

/** Every tensor that the roots need, inputs before what uses them; not what lies behind those that are an end. */
export function topological(
  roots: Iterable<Tensor>,
  isEnd: (tensor: Tensor) => boolean = () => false,
): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack = [...roots].reverse().map((tensor) => ({ tensor, next: 0 }));
  // Deep graphs (long unrolled loops) would overflow the call stack, so the stack is kept by hand.
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    if (top.next === 0 && seen.has(top.tensor)) {
      stack.pop();
      continue;
    }
    seen.add(top.tensor);
    if (top.next < top.tensor.inputs.length && !isEnd(top.tensor)) {
      const input = top.tensor.inputs[top.next++];
      if (!seen.has(input)) stack.push({ tensor: input, next: 0 });
    } else {
      order.push(top.tensor);
      stack.pop();
    }
  }
  return order;
}

/** For each tensor, the tensors that take it as an input (once for each time). */
export function consumersOf(order: readonly Tensor[]): Map<Tensor, Tensor[]> {
  const consumers = new Map<Tensor, Tensor[]>(order.map((t) => [t, []]));
  for (const tensor of order) for (const input of tensor.inputs) consumers.get(input)!.push(tensor);
  return consumers;
}

/** The tensor whose elements a view shows: itself, when it is no view. */
export function viewed(tensor: Tensor): Tensor {
  while (tensor.op.body.kind === "view") tensor = tensor.inputs[0];
  return tensor;
}

/**
 * The same graph with some tensors in the place of others; gives, for each root in order, what takes its place. `change` is
 * given each tensor, inputs first, with a copy of it that has the inputs' replacements; it may give another.
 */
export function rebuild(
  roots: readonly Tensor[],
  change: (tensor: Tensor, copy: Tensor) => Tensor | undefined,
): Tensor[] {
  const replacement = new Map<Tensor, Tensor>();
  for (const tensor of topological(roots)) {
    const copy = withInputs(tensor, tensor.inputs.map((input) => replacement.get(input)!));
    replacement.set(tensor, change(tensor, copy) ?? copy);
  }
  return roots.map((root) => replacement.get(root)!);
}
