/** From a group of tensors to the kernel that computes them: loops, and expressions over loads. */
import { Evaluator, type Placement } from "./evaluate.ts";
import { constant, type Expr, i32, placeholder, scalarType } from "../expression/expr.ts";
import type { Group } from "./group.ts";
import { flatten, indexAdd, unflatten } from "../expression/index_math.ts";
import { lowerRows } from "./lower_rows.ts";
import type {
  Accumulator,
  Contraction,
  ContractionOperand,
  Kernel,
  KernelScatter,
  Store,
} from "../kernel.ts";
import { axesOf, type Loop } from "../expression/axes.ts";
import { sizeOf } from "../shape.ts";
import type { Access, ContractionBody, ElementContext, ReduceBody, Tensor } from "../tensor.ts";

/** Writes a group as a kernel. `placementOf` gives where stored tensors and leaves are kept. */
export function lowerGroup(group: Group, placementOf: (t: Tensor) => Placement | undefined): Kernel {
  if (group.wide) return lowerRows(group, group.wide, placementOf);
  const windowed = group.contraction !== undefined && group.reduces.length > 0;
  const spaceShape = group.contraction && !windowed
    ? bodyOf(group.contraction).space(group.contraction.inputs, group.contraction.attrs)
    : group.reduces[0]?.shape ?? group.members[0].shape;
  const space = axesOf(spaceShape);
  if (sizeOf(spaceShape) === 0) return emptyKernel(group, space, placementOf);
  const here = flatten(space.map((a) => a.value), spaceShape);
  const indexOf = (t: Tensor) => unflatten(here, t.shape);
  const reduce = group.reduces[0];
  const overShape = reduce ? reduceOf(reduce).over(reduce.inputs, reduce.attrs) : [];
  const over = axesOf(overShape, "r");

  const values = new Map<Tensor, Expr>();
  const sum = placeholder("f32");
  let windowPlace: Expr | undefined;
  const evaluator: Evaluator = new Evaluator(placementOf, (tensor, index) => {
    if (tensor === group.contraction && windowed) {
      const place = flatten(index, tensor.shape);
      if (windowPlace && windowPlace !== place) {
        throw new Error(`Cannot fuse two windows over ${tensor.op.name}`);
      }
      windowPlace = place;
      return sum;
    }
    // Fusion lets a member read other members at its own place only.
    return values.get(tensor);
  });

  const accumulators: Accumulator[] = [];
  for (const member of group.members) {
    if (member.op.body.kind === "reduce") {
      const body = reduceOf(member);
      const context = evaluator.context(member, indexOf(member)) as ElementContext<unknown>;
      const result = placeholder(scalarType(member.dtype));
      accumulators.push({
        reduceOp: body.reduceOp,
        value: body.value(context, over.map((a) => a.value)),
        result,
      });
      values.set(member, result);
    } else if (member === group.contraction) {
      if (!windowed) values.set(member, sum);
    } else if (member.op.body.kind === "map") {
      values.set(member, member.op.body.value(evaluator.context(member, indexOf(member))));
    } else {
      throw new Error(`Cannot compute ${member.op.name} in a kernel`);
    }
  }
  const stores = group.stores.map((tensor): Store => {
    const { target, offset } = placementOf(tensor)!;
    return { tensor, target, index: indexAdd(here, offset), value: values.get(tensor)! };
  });
  return {
    label: group.members.map((m) => m.name ?? m.op.name).join("+"),
    space: space.map((a) => a.axis),
    over: over.map((a) => a.axis),
    accumulators,
    sweeps: [],
    contraction: group.contraction && contract(group.contraction, windowPlace ?? here, sum, placementOf),
    scatter: group.isScattered ? scatterOf(reduce, space, over, evaluator) : undefined,
    stores,
    flops: group.members.reduce((sum, m) => {
      const flops = m.op.flops?.(m) ?? m.size;
      // Windows may leave out the last rows and columns of what is contracted.
      const isPart = windowed && m === group.contraction;
      return sum +
        (isPart ? Math.min(flops, 2 * sizeOf(spaceShape) * sizeOf(overShape) * termsOf(m)) : flops);
    }, 0),
  };
}

/** Where each round of a scattered sum goes. */
function scatterOf(
  tensor: Tensor,
  space: readonly Loop[],
  over: readonly Loop[],
  evaluator: Evaluator,
): KernelScatter {
  const { axis, place, value } = reduceOf(tensor).scatter!;
  const context = evaluator.context(tensor, space.map((loop) => loop.value));
  const rounds = over.map((loop) => loop.value);
  return {
    axis: space[axis(tensor.attrs)].axis,
    place: place(context, rounds),
    value: value(context, rounds),
  };
}

/** A kernel for tensors without elements: it writes nothing, but everything has its place. */
function emptyKernel(
  group: Group,
  space: readonly Loop[],
  placementOf: (t: Tensor) => Placement | undefined,
): Kernel {
  return {
    label: group.members.map((m) => m.name ?? m.op.name).join("+"),
    space: space.map((a) => a.axis),
    over: [],
    accumulators: [],
    sweeps: [],
    contraction: undefined,
    stores: group.stores.map((tensor) => {
      const { target } = placementOf(tensor)!;
      return { tensor, target, index: i32(0), value: constant(scalarType(tensor.dtype), 0) };
    }),
    flops: 0,
  };
}

const bodyOf = (t: Tensor) => t.op.body as ContractionBody<unknown>;
const termsOf = (t: Tensor) => sizeOf(bodyOf(t).over(t.inputs, t.attrs));
const reduceOf = (t: Tensor) => t.op.body as ReduceBody<unknown>;

/** The contraction, for its result's element at position `place` in row-major order. */
function contract(
  tensor: Tensor,
  place: Expr,
  sum: Expr,
  placementOf: (t: Tensor) => Placement | undefined,
): Contraction {
  const body = bodyOf(tensor);
  const index = unflatten(place, body.space(tensor.inputs, tensor.attrs));
  const over = axesOf(body.over(tensor.inputs, tensor.attrs), "k");
  const k = over.map((a) => a.value);
  // The operands are made outside of the group, so nothing is intercepted.
  const evaluator = new Evaluator(placementOf);
  const operand = (access: Access): ContractionOperand => ({
    tensor: tensor.inputs[access.input],
    shape: tensor.inputs[access.input].shape,
    index: access.index,
    at: (at) => evaluator.at(tensor.inputs[access.input], at),
  });
  return {
    over: over.map((a) => a.axis),
    left: operand(body.left(index, k, tensor.inputs, tensor.attrs)),
    right: operand(body.right(index, k, tensor.inputs, tensor.attrs)),
    sum,
  };
}
