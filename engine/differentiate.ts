/**
 * Reverse-mode differentiation on the graph. The result is more graph: each op's `vjp` gives nodes, so a
 * gradient can be differentiated again.
 */
import { topological } from "./graph.ts";
import type { Tensor } from "./tensor.ts";

/** The two ops that differentiation itself needs; the engine knows none by name. */
export interface GradientAlgebra {
  add(a: Tensor, b: Tensor): Tensor;
  /** A tensor like the given one that holds one number everywhere. */
  fill(like: Tensor, value: number): Tensor;
}

/**
 * The gradients of the number `of` with respect to each tensor of `wrt`; zeros where it does not depend on one.
 * `seed` weights `of` when it has more than one element.
 */
export function differentiate(
  of: Tensor,
  wrt: readonly Tensor[],
  algebra: GradientAlgebra,
  seed: Tensor = algebra.fill(of, 1),
): Tensor[] {
  const order = topological([of]);
  const wanted = new Set<Tensor>(wrt);
  const needed = new Set<Tensor>();
  for (const tensor of order) {
    if (tensor.dtype !== "float32" && tensor.dtype !== "float16") continue;
    if (wanted.has(tensor) || tensor.op.vjp && tensor.inputs.some((i) => needed.has(i))) needed.add(tensor);
  }
  const cotangents = new Map<Tensor, Tensor>([[of, seed]]);
  for (const tensor of order.reverse()) {
    const cotangent = cotangents.get(tensor);
    if (!cotangent || !needed.has(tensor) || !tensor.op.vjp) continue;
    if (!tensor.inputs.some((i) => needed.has(i))) continue;
    const gradients = tensor.op.vjp(cotangent, tensor);
    tensor.inputs.forEach((input, i) => {
      const gradient = gradients[i];
      if (!gradient || !needed.has(input)) return;
      const sum = cotangents.get(input);
      cotangents.set(input, sum ? algebra.add(sum, gradient) : gradient);
    });
  }
  return wrt.map((tensor) => cotangents.get(tensor) ?? algebra.fill(tensor, 0));
}
