/**
 * Products of rows that are looked up in a table, where more rows are looked up than there are: the rows of the table are
 * multiplied instead. A product of looked-up rows is looked up in the product of the table; a sum over looked-up rows is one
 * over the table, with what belongs to one row added up before; and products that are added up by row are products of what
 * was added up. So three products of an embedding and its gradients have as many rows as there are words.
 *
 * Ops say themselves that they look up (`Op.lookup`) or add up (`Op.addsUp`); of a product nothing is asked but where its
 * sides are read.
 */
import { axesOf, type Loop } from "../expression/axes.ts";
import { type Axis, type Expr, i32, visit } from "../expression/expr.ts";
import { consumersOf, rebuild, topological } from "../graph/graph.ts";
import { sizeOf } from "../shape.ts";
import { type Access, apply, type ContractionBody, type Indexed, type Op, type Tensor } from "../tensor.ts";

/** So many times as many rows have to be looked up as there are: looking up takes some time itself. */
const WORTHWHILE = 2;

/** Rewrites the graph; gives, for each root in order, the tensor that takes its place. */
export function multiplyTables(roots: readonly Tensor[]): Tensor[] {
  const order = topological(roots);
  if (!order.some(({ op }) => op.lookup || op.addsUp)) return [...roots];
  const consumers = consumersOf(order);
  return rebuild(roots, (tensor, copy) => {
    if (copy.op.addsUp) return sumBeforeProduct(copy, consumers.get(tensor.inputs[0])!.length === 1);
    if (copy.op.body.kind !== "contraction" || !copy.inputs.some(lookupOf)) return undefined;
    const product = new Product(copy);
    return product.ofTable(0) ?? product.ofTable(1);
  });
}

/** How a tensor was looked up, if it was, also where the axes of the indices were joined in a view. */
function lookupOf(tensor: Tensor): Indexed | undefined {
  const isView = tensor.op.body.kind === "view";
  const [source] = isView ? tensor.inputs : [tensor];
  const found = source.op.lookup?.(source);
  if (!found || !isView) return found;
  const { axis, indices } = found;
  const { shape } = source;
  const joined = [...shape.slice(0, axis), indices.size, ...shape.slice(axis + indices.rank)];
  const isJoined = joined.length === tensor.rank && joined.every((size, i) => size === tensor.shape[i]);
  return isJoined ? found.joined() : undefined;
}

const isWorthwhile = ({ indices, rows }: Indexed) => indices.size >= WORTHWHILE * rows;

/** Where some values are in a list, one behind the other, each a loop of its own; -1 where they are not. */
function runOf(list: readonly Expr[], values: readonly Expr[]): number {
  const at = list.indexOf(values[0]);
  const isRun = values.every((v, i) => v.op === "axis" && list[at + i] === v);
  return at >= 0 && isRun && new Set(values).size === values.length ? at : -1;
}

/** The list with a run of places replaced. */
const withRun = <T>(list: readonly T[], at: number, length: number, ...by: T[]): T[] => [
  ...list.slice(0, at),
  ...by,
  ...list.slice(at + length),
];

/** Whether any of these follows one of some loops. */
function follows(exprs: readonly Expr[], loops: readonly Expr[]): boolean {
  const axes = new Set(loops.map((l) => l.source as Axis));
  let found = false;
  visit(exprs, (e) => {
    if (e.op === "axis" && axes.has(e.source as Axis)) found = true;
  });
  return found;
}

/** A contraction, and where its sides are read. */
class Product {
  readonly node: Tensor;
  readonly space: readonly Loop[];
  readonly over: readonly Loop[];
  readonly sides: readonly [Access, Access];

  constructor(node: Tensor) {
    this.node = node;
    const body = node.op.body as ContractionBody<unknown>;
    this.space = axesOf(body.space(node.inputs, node.attrs));
    this.over = axesOf(body.over(node.inputs, node.attrs), "k");
    const [index, rounds] = [this.space, this.over].map((loops) => loops.map((l) => l.value));
    this.sides = [
      body.left(index, rounds, node.inputs, node.attrs),
      body.right(index, rounds, node.inputs, node.attrs),
    ];
  }

  /** The product of the table that one side was looked up in, if that is cheaper. */
  ofTable(number: 0 | 1): Tensor | undefined {
    const [side, other] = [this.sides[number], this.sides[1 - number]];
    if (side.input === other.input) return undefined;
    const found = lookupOf(this.node.inputs[side.input]);
    if (!found?.table || !isWorthwhile(found)) return undefined;
    const { axis, indices } = found;
    const rows = side.index.slice(axis, axis + indices.rank);
    if (follows(withRun(side.index, axis, indices.rank), rows)) return undefined;
    const table = { input: side.input, at: axis, by: found.table };
    const [space, over] = [this.space, this.over].map((loops) => loops.map((l) => l.value));
    const inSpace = runOf(space, rows);
    if (inSpace >= 0 && hasSizes(this.space, inSpace, indices) && !follows(other.index, rows)) {
      const product = this.#with([table], indices.rank, { space: inSpace, rows: found.rows });
      return reshaped(found.again(product, inSpace), this.node);
    }
    const inOver = runOf(over, rows);
    const inOther = runOf(other.index, rows);
    if (inOver < 0 || inOther < 0 || !hasSizes(this.over, inOver, indices)) return undefined;
    const added = this.node.inputs[other.input];
    const isWhole = indices.shape.every((size, i) => size === added.shape[inOther + i]);
    if (!isWhole || follows(withRun(other.index, inOther, indices.rank), rows)) return undefined;
    const sums = { input: other.input, at: inOther, by: found.addUp(added, inOther) };
    return this.#with([table, sums], indices.rank, { over: inOver, rows: found.rows });
  }

  /** The product of what is added up by row, which comes from one side alone. */
  ofSums(found: Indexed): Tensor | undefined {
    const { axis, indices } = found;
    const space = this.space.map((l) => l.value);
    const isOwnShape = space.length === this.node.rank &&
      this.space.every((l, i) => l.axis.size === this.node.shape[i]);
    const rows = space.slice(axis, axis + indices.rank);
    if (!isOwnShape || runOf(space, rows) !== axis || !hasSizes(this.space, axis, indices)) return undefined;
    for (const number of [0, 1]) {
      const [side, other] = [this.sides[number], this.sides[1 - number]];
      const at = runOf(side.index, rows);
      if (at < 0 || side.input === other.input || follows(other.index, rows)) continue;
      const added = this.node.inputs[side.input];
      const isWhole = indices.shape.every((size, i) => size === added.shape[at + i]);
      if (!isWhole || follows(withRun(side.index, at, indices.rank), rows)) continue;
      const sums = { input: side.input, at, by: found.addUp(added, at) };
      return this.#with([sums], indices.rank, { space: axis, rows: found.rows });
    }
    return undefined;
  }

  /**
   * The product of other inputs, in which one axis takes the place of a run of `rank`; and one loop that of such a run, in
   * the space or in what is summed.
   */
  #with(
    changed: readonly { readonly input: number; readonly at: number; readonly by: Tensor }[],
    rank: number,
    loop: { readonly space?: number; readonly over?: number; readonly rows: number },
  ): Tensor {
    const { op, inputs: types, attrs } = this.node;
    const body = op.body as ContractionBody<unknown>;
    const none = Array.from({ length: rank }, () => i32(0));
    const sizes = (loops: readonly Loop[], at: number | undefined) => {
      const all = loops.map((l) => l.axis.size);
      return at === undefined ? all : withRun(all, at, rank, loop.rows);
    };
    const asBefore = (values: readonly Expr[], at: number | undefined) =>
      at === undefined ? values : withRun(values, at, 1, ...none);
    const side = (of: typeof body.left): typeof body.left => (index, rounds) => {
      const before = of(asBefore(index, loop.space), asBefore(rounds, loop.over), types, attrs);
      const change = changed.find((c) => c.input === before.input);
      const row = loop.space !== undefined ? index[loop.space] : rounds[loop.over!];
      return change ? { ...before, index: withRun(before.index, change.at, rank, row) } : before;
    };
    const space = sizes(this.space, loop.space);
    const over = sizes(this.over, loop.over);
    const { dtype } = this.node;
    const shape = loop.space === undefined ? this.node.shape : space;
    const made: Op = {
      name: op.name,
      inferShape: () => ({ dtype, shape }),
      body: {
        kind: "contraction",
        space: () => space,
        over: () => over,
        left: side(body.left),
        right: side(body.right),
      },
      flops: () => 2 * sizeOf(space) * sizeOf(over),
    };
    const inputs = types.map((input, i) => changed.find((c) => c.input === i)?.by ?? input);
    const tensor = apply(made, inputs, attrs);
    tensor.name = this.node.name;
    return tensor;
  }
}

/** Whether loops go through all indices. */
const hasSizes = (loops: readonly Loop[], at: number, { shape }: Tensor) =>
  shape.every((size, i) => loops[at + i].axis.size === size);

/** Sums by row of a product's results, as the product of sums by row. */
function sumBeforeProduct(node: Tensor, isOnlyUse: boolean): Tensor | undefined {
  const found = node.op.addsUp!(node);
  const [updates] = node.inputs;
  if (!isOnlyUse || !isWorthwhile(found)) return undefined;
  const isView = updates.op.body.kind === "view";
  const source = isView ? updates.inputs[0] : updates;
  if (source.op.body.kind !== "contraction") return undefined;
  if (!isView) return new Product(source).ofSums(found);
  const { axis, indices } = found;
  const joined = withRun(updates.shape, axis, indices.rank, indices.size);
  const isJoined = joined.length === source.rank && joined.every((size, i) => size === source.shape[i]);
  return isJoined ? new Product(source).ofSums(found.joined()) : undefined;
}

/** The same elements in the shape of another tensor. */
function reshaped(tensor: Tensor, { dtype, shape }: Tensor): Tensor {
  if (tensor.rank === shape.length && shape.every((size, i) => size === tensor.shape[i])) return tensor;
  return apply({ name: "view", inferShape: () => ({ dtype, shape }), body: { kind: "view" } }, [tensor], {});
}
