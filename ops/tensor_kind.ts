/** Tensors as options of ops. */
import type { Kind } from "../engine/option_kinds.ts";
import { Tensor } from "../engine/tensor.ts";

/** A tensor. */
export const tensorKind: Kind<Tensor> = {
  says: "a tensor",
  read: (value) => value instanceof Tensor ? value : undefined,
};
