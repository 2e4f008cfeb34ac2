/** Gradients */
import { differentiate } from "../../engine/passes/differentiate.ts";
import { formatShape } from "../../engine/shape.ts";
import { Tensor } from "../../engine/tensor.ts";
import { add } from "../elementwise/add.ts";
import { full } from "../creation/full.ts";

/**
 * The gradients of a single number with respect to tensors: one of the same shape for each. They are more graph, so
 * gradients of gradients work.
 *
 * @throws {TypeError} when `of` is not a float32 tensor with one element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, grad, ops, tensor } from "@gesso/gesso";
 *
 * const x = tensor([1, 2]);
 * assertEquals([...(await compute(grad(ops.sum(ops.square(x)), [x])[0])).data], [2, 4]);
 * ```
 */
export function grad(of: Tensor, wrt: readonly Tensor[]): Tensor[] {
  const isTensor = (value: unknown) => value instanceof Tensor;
  if (!isTensor(of) || !Array.isArray(wrt) || !wrt.every(isTensor)) {
    throw new TypeError(
      "Cannot take the gradient: it takes a tensor and a list of tensors, as in grad(loss, [weights])",
    );
  }
  if (of.size !== 1 || of.dtype !== "float32") {
    throw new TypeError(
      `Cannot take the gradient of ${of.op.name} ${of.dtype} ${formatShape(of.shape)}: ` +
        `it takes one float32 number; see sum and mean`,
    );
  }
  const wrong = wrt.find((t) => t.dtype !== "float32");
  if (wrong) {
    throw new TypeError(`Cannot take the gradient with respect to ${wrong.dtype}: it takes float32 tensors`);
  }
  return differentiate(of, wrt, { add, fill: (like, value) => full(like.shape, value) });
}
