/**
 * Reverse-mode differentiation on the graph. The result is more graph: each op's `vjp` gives nodes, so a
 * gradient can be differentiated again.
 */
import { topological } from "../graph/graph.ts";
import type { Tensor } from "../tensor.ts";

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
  const terms = pullBack(new Map([[of, seed]]), wrt, algebra);
  return wrt.map((tensor) => terms.get(tensor)?.reduce(algebra.add) ?? algebra.fill(tensor, 0));
}

/**
 * For each tensor of `wrt` that some tensors depend on, the terms whose sum is its cotangent, when those have the
 * cotangents `seeds`. The terms of a tensor that others of `wrt` depend on are one.
 */
export function pullBack(
  seeds: ReadonlyMap<Tensor, Tensor>,
  wrt: readonly Tensor[],
  algebra: GradientAlgebra,
): Map<Tensor, Tensor[]> {
  const order = topological(seeds.keys());
  const wanted = new Set<Tensor>(wrt);
  const needed = new Set<Tensor>();
  for (const tensor of order) {
    if (tensor.dtype !== "float32" && tensor.dtype !== "float16") continue;
    const { vjp, vjpOfResults, body } = tensor.op;
    const passesOn = vjp || vjpOfResults || body.kind === "result";
    if (wanted.has(tensor) || passesOn && tensor.inputs.some((i) => needed.has(i))) needed.add(tensor);
  }
  const terms = new Map<Tensor, Tensor[]>();
  const give = (tensor: Tensor, term: Tensor) => {
    const known = terms.get(tensor);
    if (known) known.push(term);
    else terms.set(tensor, [term]);
  };
  for (const [tensor, seed] of seeds) give(tensor, seed);
  const ofResults = new Map<Tensor, Map<Tensor, Tensor>>();
  for (const tensor of order.reverse()) {
    if (!needed.has(tensor)) continue;
    const { op } = tensor;
    const results = ofResults.get(tensor);
    if (!tensor.inputs.some((i) => needed.has(i)) || !terms.has(tensor) && !results) continue;
    let gradients: readonly (Tensor | null)[] | undefined;
    if (results) gradients = op.vjpOfResults!(results, tensor);
    else {
      const cotangent = terms.get(tensor)!.reduce(algebra.add);
      terms.set(tensor, [cotangent]);
      if (op.body.kind === "result") {
        const [loop] = tensor.inputs;
        if (!ofResults.has(loop)) ofResults.set(loop, new Map());
        ofResults.get(loop)!.set(tensor, cotangent);
      } else gradients = op.vjp?.(cotangent, tensor);
    }
    if (!gradients) continue;
    tensor.inputs.forEach((input, i) => {
      const gradient = gradients[i];
      if (gradient && needed.has(input)) give(input, gradient);
    });
  }
  return new Map(wrt.flatMap((tensor) => terms.has(tensor) ? [[tensor, terms.get(tensor)!] as const] : []));
}
