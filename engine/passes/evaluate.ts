/**
 * From a tensor and an index to the expression for that element. Stored tensors become loads; everything else
 * is written out in place, through views and maps: this is how element-wise chains, slices, transposes and
 * gathers merge into the kernel that uses them.
 */
import {
  axisValue,
  bool,
  elementConstant,
  type Expr,
  i32,
  loadFrom,
  max,
  min,
  select,
} from "../expression/expr.ts";
import { allInRange, flatten, indexAdd, unflatten } from "../expression/index_math.ts";
import type { Shape } from "../shape.ts";
import { type ElementContext, leafAttrs, type MapBody, type Tensor, uniformValue } from "../tensor.ts";

/** Where a stored tensor lies: in the memory of `target`, from element `offset` on, which may move with a loop's steps. */
export interface Placement {
  readonly target: Tensor;
  readonly offset: number | Expr;
}

/** Answers for tensors that the kernel at hand computes itself; `undefined` leaves it to the evaluator. */
export type Intercept = (tensor: Tensor, index: readonly Expr[]) => Expr | undefined;

const isBounded = (e: Expr) => e.low > -(2 ** 30) && e.high < 2 ** 30;

/** Writes elements of tensors as expressions. */
export class Evaluator {
  readonly #placementOf: (tensor: Tensor) => Placement | undefined;
  readonly #intercept: Intercept;
  readonly #memo = new Map<string, Expr>();

  /** `placementOf` gives where a tensor is stored, `undefined` for one that is computed where it is used. */
  constructor(
    placementOf: (tensor: Tensor) => Placement | undefined,
    intercept: Intercept = () => undefined,
  ) {
    this.#placementOf = placementOf;
    this.#intercept = intercept;
  }

  /** The element at an index that is in range. */
  at(tensor: Tensor, index: readonly Expr[]): Expr {
    const key = `${tensor.id}:${index.map((e) => e.id)}`;
    const known = this.#memo.get(key);
    if (known) return known;
    const made = this.#make(tensor, index);
    this.#memo.set(key, made);
    return made;
  }

  /** The element at a position in row-major order. */
  atFlat(tensor: Tensor, flat: Expr): Expr {
    return this.at(tensor, unflatten(flat, tensor.shape));
  }

  /** The element at an index that may leave the tensor; `outside` is given there. */
  atOr(tensor: Tensor, index: readonly Expr[], outside: Expr): Expr {
    const inside = allInRange(index, tensor.shape);
    if (inside === bool(false)) return outside;
    return select(inside, this.at(tensor, index), outside);
  }

  /** What a body is given to describe the element of `tensor` at `index`. */
  context<A>(tensor: Tensor<A>, index: readonly Expr[], shape: Shape = tensor.shape): ElementContext<A> {
    return {
      attrs: tensor.attrs,
      inputs: tensor.inputs,
      shape,
      index,
      load: (input, place) => this.at(tensor.inputs[input], place),
      loadOr: (input, place, outside) => this.atOr(tensor.inputs[input], place, outside),
    };
  }

  #make(tensor: Tensor, index: readonly Expr[]): Expr {
    const intercepted = this.#intercept(tensor, index);
    if (intercepted) return intercepted;
    const uniform = uniformValue(tensor);
    if (uniform !== undefined) return elementConstant(tensor.dtype, uniform);
    const placement = this.#placementOf(tensor);
    const counts = leafAttrs(tensor)?.counts;
    if (counts && !placement) return axisValue(counts);
    if (placement) {
      // An index that may be anything would let devices reach anywhere.
      const bounded = index.map((e, axis) =>
        isBounded(e) ? e : max(min(e, i32(tensor.shape[axis] - 1)), i32(0))
      );
      const flat = indexAdd(flatten(bounded, tensor.shape), placement.offset);
      return loadFrom(placement.target, tensor.dtype, flat);
    }
    const body = tensor.op.body;
    if (body.kind === "view") {
      const input = tensor.inputs[0];
      return this.at(input, unflatten(flatten(index, tensor.shape), input.shape));
    }
    if (body.kind === "map") return (body as MapBody<unknown>).value(this.context(tensor, index));
    throw new Error(`Cannot compute ${tensor.op.name} where it is used: it has to be stored`);
  }
}
