/** carry, y[t] = step(carry, x[t]), for each t in turn */
import { bytesPerElement, type DType } from "../../engine/array.ts";
import { pullBack } from "../../engine/passes/differentiate.ts";
import { rebuild, topological } from "../../engine/graph/graph.ts";
import {
  bodyLeaf,
  keptOf,
  loop,
  type LoopAttrs,
  loopInputs,
  parts,
  result,
  resultAttrs,
} from "../../engine/graph/loop.ts";
import { flag, functionKind, type Kind, objectThat, whole } from "../../engine/option_kinds.ts";
import { optional, pickOptions, readValue, required } from "../../engine/options.ts";
import { formatShape, MOST_ELEMENTS, sameShape } from "../../engine/shape.ts";
import { apply, leafAttrs, type Op, Tensor } from "../../engine/tensor.ts";
import { add } from "../elementwise/add.ts";
import { cast } from "../elementwise/cast.ts";
import { full } from "../creation/full.ts";

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** Options of {@linkcode scan}. */
export interface ScanOptions<C extends Tensors, X extends Tensors> {
  /** What the first step is given. */
  readonly carry: C;
  /** What is taken apart along the first axis, `[steps, ...]`: each step gets a slice of each. */
  readonly xs?: X;
  /** The number of steps, where there are no `xs` that tell it. */
  readonly length?: number;
  /**
   * Whether the steps go from the last slice to the first. Results lie at the position of their slices in any case.
   *
   * @default {false}
   */
  readonly reverse?: boolean;
}

/** What a step of {@linkcode scan} gives. */
export interface ScanStep<C extends Tensors, Y extends Tensors> {
  /** What the next step is given: the same names, shapes and dtypes. */
  readonly carry: C;
  /** What is kept of this step. */
  readonly ys?: Y;
}

/**
 * Steps in a row, each of which gets what the one before it hands on: recurrent networks, sampling, simulation. The step is
 * traced once; plan and memory for code do not grow with the number of steps. Gradients are scans backwards, and have
 * gradients themselves.
 *
 * What does not depend on what is carried is computed for all steps at once, before or behind the loop, so it costs what
 * one large product costs.
 *
 * @param step From the carry, the slices of `xs` and the position of the slices (an int32 number) to the next carry and
 * what is kept.
 * @returns The carry behind the last step, and `ys`: what was kept, `[steps, ...]`.
 * @throws {RangeError} when the `xs` differ in their first axis, or there is nothing that tells the number of steps.
 * @throws {TypeError} when the step hands on something of another name, shape or dtype.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compute, ops, scan, tensor } from "@gesso/gesso";
 *
 * // A moving average: h = h / 2 + x.
 * const { ys } = scan(({ h }, { x }) => {
 *   const next = ops.add(ops.mul(h, 0.5), x);
 *   return { carry: { h: next }, ys: { h: next } };
 * }, { carry: { h: tensor(0) }, xs: { x: tensor([1, 1, 1]) } });
 * assertEquals([...(await compute(ys.h)).data], [1, 1.5, 1.75]);
 * ```
 */
export function scan<
  C extends Tensors,
  X extends Tensors = Record<string, never>,
  Y extends Tensors = Tensors,
>(
  step: (carry: C, xs: X, position: Tensor) => ScanStep<C, Y>,
  options: ScanOptions<C, X>,
): { carry: C; ys: Y } {
  readValue("scan", "step", step, functionKind());
  const { carry, xs, length: given, reverse } = pickOptions("scan", options, {
    carry: required(tensorsKind as Kind<C>),
    xs: optional(tensorsKind as unknown as Kind<X>, {} as X),
    length: optional(whole(0, MOST_ELEMENTS)),
    reverse: optional(flag, false),
  });
  const length = stepsOf(carry, xs, given);
  const names = Object.keys(carry);
  const types = Object.values(carry).map((t) => t.dtype);
  let kept: [string, Tensor][] = [];
  const node = loop(
    scanOp,
    { length, reverse, first: Object.values(carry).map(asWords), stacked: Object.values(xs) },
    (carries, slices, position) => {
      const own = carries.map((t, i) => cast(t, types[i]));
      const given = step(record(names, own) as C, record(Object.keys(xs), slices) as X, position);
      kept = Object.entries(readValue("scan", "ys", given?.ys ?? {}, tensorsKind));
      checkStep(carry, given?.carry);
      for (const [name, y] of kept) checkTensor(`keep "${name}" of a step of scan`, y);
      const next = names.map((name) => asWords(given.carry[name]));
      return { next, kept: kept.map(([, y]) => asWords(y)), sums: [] };
    },
  );
  const resultsOf = (of: "carry" | "kept", all: readonly string[], as: readonly DType[]) =>
    record(
      all,
      all.map((name, number) => cast(apply(result, [node], { of, number }).named(name), as[number])),
    );
  return {
    carry: resultsOf("carry", names, types) as C,
    ys: resultsOf("kept", kept.map(([name]) => name), kept.map(([, y]) => y.dtype)) as Y,
  };
}

/** Tensors by name; that each is one is looked at where it is used. */
const tensorsKind: Kind<Tensors> = objectThat<Tensors>(
  "an object of tensors by name",
  (value) => !Array.isArray(value) && !((value as unknown) instanceof Tensor),
);

/** What steps hand on or keep begins at any element, which short elements can't be stored at: they are stored as words. */
const asWords = (x: Tensor) =>
  bytesPerElement(x.dtype) < 4 ? cast(x, x.dtype === "float16" ? "float32" : "int32") : x;

const record = (names: readonly string[], values: readonly Tensor[]) =>
  Object.fromEntries(names.map((name, i) => [name, values[i]]));

function checkTensor(what: string, value: unknown): void {
  if (!(value instanceof Tensor)) {
    throw new TypeError(`Cannot ${what}: it has to be a tensor, received ${String(value)}`);
  }
}

function stepsOf(carry: Tensors, xs: Tensors, given: number | undefined): number {
  for (const [name, value] of Object.entries(carry)) checkTensor(`begin scan with carry "${name}"`, value);
  for (const [name, value] of Object.entries(xs)) {
    checkTensor(`go along "${name}" in scan`, value);
    if (value.rank === 0) {
      throw new RangeError(`Cannot go along "${name}" in scan: it is a single number, without steps`);
    }
  }
  const lengths = Object.entries(xs).map(([name, x]) => [name, x.shape[0]] as const);
  const length = given ?? lengths[0]?.[1];
  if (length === undefined) {
    throw new RangeError("Cannot scan without xs: length has to say how many steps there are");
  }
  const other = lengths.find(([, n]) => n !== length);
  if (other) {
    throw new RangeError(
      `Cannot scan ${length} steps along "${other[0]}" of shape ${formatShape(xs[other[0]].shape)}: ` +
        `its first axis has ${other[1]}`,
    );
  }
  return length;
}

function checkStep(carry: Tensors, next: Tensors | undefined): void {
  const names = Object.keys(carry);
  const given = Object.keys(next ?? {});
  const odd = names.find((n) => !given.includes(n)) ?? given.find((n) => !names.includes(n));
  if (odd !== undefined) {
    throw new TypeError(
      `Cannot scan: a step is given the carry ${names.join(", ") || "of nothing"} and hands on ` +
        `${given.join(", ") || "nothing"}; the names have to be the same`,
    );
  }
  for (const name of names) {
    const [was, is] = [carry[name], next![name]];
    checkTensor(`hand on carry "${name}" in scan`, is);
    if (was.dtype !== is.dtype || !sameShape(was.shape, is.shape)) {
      throw new TypeError(
        `Cannot hand on carry "${name}" in scan: it began as ${was.dtype} ${formatShape(was.shape)}, ` +
          `the step gives ${is.dtype} ${formatShape(is.shape)}`,
      );
    }
  }
}

const algebra = { add, fill: (like: Tensor, value: number) => full(like.shape, value) };

const scanOp: Op<LoopAttrs> = {
  name: "scan",
  inferShape: () => ({ dtype: "float32", shape: [] }),
  body: { kind: "loop" },
  flops: () => 0,
  vjpOfResults: (cotangents, node) => {
    const { length, reverse, carries, slices, fixed, next, kept, sums, position } = node.attrs;
    const { first, stacked, fixed: outside } = loopInputs(node);
    const isFloat = (t: Tensor) => t.dtype === "float32";
    /** The cotangents of results of one kind, by number: several nodes may be of one result, as a gradient asks for them. */
    const given = (of: "carry" | "kept" | "sum") => {
      const byNumber = new Map<number, Tensor>();
      for (const [r, g] of cotangents) {
        const { of: kind, number } = resultAttrs(r);
        if (kind !== of) continue;
        const known = byNumber.get(number);
        byNumber.set(number, known ? add(known, g) : g);
      }
      return byNumber;
    };
    const [ofCarries, ofKept, ofSums] = [given("carry"), given("kept"), given("sum")];
    // The step backwards is traced on leaves of its own: the cotangents of what it hands on and of what it keeps.
    const handed = carries.flatMap((carry, i) =>
      isFloat(carry) ? [{ i, leaf: bodyLeaf("cotangent", carry) }] : []
    );
    const slicesOf = [...ofKept].map(([i, stack]) => ({ i, stack, leaf: bodyLeaf("cotangent", kept[i]) }));
    const seeds = new Map<Tensor, Tensor>();
    const seed = (tensor: Tensor, cotangent: Tensor) => {
      const known = seeds.get(tensor);
      seeds.set(tensor, known ? add(known, cotangent) : cotangent);
    };
    for (const { i, leaf } of handed) seed(next[i], leaf);
    for (const { i, leaf } of slicesOf) seed(kept[i], leaf);
    for (const [i, cotangent] of ofSums) seed(sums[i], cotangent);
    const wrt = [...carries, ...slices, ...fixed].filter(isFloat);
    const terms = pullBack(seeds, wrt, algebra);
    const sumOf = (leaf: Tensor) => terms.get(leaf)?.reduce((a, b) => add(a, b)) ?? full(leaf.shape, 0);
    const roots = [
      ...handed.map(({ i }) => sumOf(carries[i])),
      ...slices.flatMap((slice) => terms.has(slice) ? [sumOf(slice)] : []),
      ...fixed.flatMap((leaf) => terms.get(leaf) ?? []),
    ];
    const needed = neededOf(roots, node, new Set([...handed, ...slicesOf].map(({ leaf }) => leaf)));
    const back = loop(
      scanOp,
      {
        length,
        reverse: !reverse,
        first: handed.map(({ i }) => ofCarries.get(i) ?? full(carries[i].shape, 0)),
        stacked: [
          ...slicesOf.map(({ stack }) => stack),
          ...needed.slices.map((slice) => stacked[slices.indexOf(slice)]),
          ...needed.kept.map((inside) => keptOf(node, inside)),
        ],
      },
      (own, ownSlices, ownPosition) => {
        const leaves = [...slicesOf.map(({ leaf }) => leaf), ...needed.slices, ...needed.kept];
        const places = new Map<Tensor, Tensor>([
          [position, ownPosition],
          ...handed.map(({ leaf }, i) => [leaf, own[i]] as const),
          ...leaves.map((leaf, i) => [leaf, ownSlices[i]] as const),
          ...fixed.map((leaf, i) => [leaf, outside[i]] as const),
        ]);
        const inside = rebuild(roots, (tensor) => places.get(tensor));
        const [ownNext, ownKept, ownSums] = parts(inside, [
          handed.length,
          slices.filter((slice) => terms.has(slice)).length,
        ]);
        return { next: ownNext, kept: ownKept, sums: ownSums };
      },
    );
    let [keptCount, sumCount] = [0, 0];
    const take = (of: "carry" | "kept" | "sum", number: number): Tensor =>
      apply(result, [back], { of, number });
    return [
      ...first.map((_, i) => {
        const number = handed.findIndex((h) => h.i === i);
        return number < 0 ? null : take("carry", number);
      }),
      ...slices.map((slice) => terms.has(slice) ? take("kept", keptCount++) : null),
      ...fixed.map((leaf) =>
        terms.get(leaf)?.map(() => take("sum", sumCount++)).reduce((a, b) => add(a, b)) ?? null
      ),
    ];
  },
};

/**
 * What a step backwards needs of the steps forwards: slices, and tensors that are to be kept of every step. What gradients
 * compute from those they compute again, and so do they what is larger than all that it is made from.
 */
function neededOf(
  roots: readonly Tensor[],
  node: Tensor<LoopAttrs>,
  cotangents: ReadonlySet<Tensor>,
): { slices: Tensor[]; kept: Tensor[] } {
  const { carries, slices, fixed, position, next, kept, sums } = node.attrs;
  const forwards = new Set(topological([...next, ...kept, ...sums]));
  const own = new Set([...carries, ...slices, ...fixed, position]);
  const order = topological(roots);
  const [ofStep, ofCotangents, ofCarry] = [
    new Set<Tensor>(own),
    new Set<Tensor>(cotangents),
    new Set(carries),
  ];
  for (const tensor of order) {
    for (const set of [ofStep, ofCotangents, ofCarry]) {
      if (tensor.inputs.some((i) => set.has(i))) set.add(tensor);
    }
  }
  const found = { slices: new Set<Tensor>(), kept: new Set<Tensor>() };
  const seen = new Set<Tensor>();
  const isMadeAgain = (tensor: Tensor) => {
    const { kind } = tensor.op.body;
    // What a loop within the step keeps for its own gradient is one more of its results.
    if (kind === "result") return !forwards.has(tensor.inputs[0]);
    if (!forwards.has(tensor) || kind === "view") return true;
    if (kind === "map" && bytesPerElement(tensor.dtype) < 4) return true;
    const isShort = tensor.inputs.every((i) => leafAttrs(i) !== undefined && !ofCarry.has(i));
    return kind === "map" && (isShort || tensor.size > tensor.inputs.reduce((sum, i) => sum + i.size, 0));
  };
  const need = (tensor: Tensor): void => {
    if (seen.has(tensor) || !ofStep.has(tensor) || ofCotangents.has(tensor)) return;
    seen.add(tensor);
    if (slices.includes(tensor)) found.slices.add(tensor);
    else if (carries.includes(tensor)) found.kept.add(tensor);
    else if (own.has(tensor)) return;
    else if (isMadeAgain(tensor)) tensor.inputs.forEach(need);
    else found.kept.add(tensor);
  };
  roots.forEach(need);
  for (const tensor of order) if (ofCotangents.has(tensor)) tensor.inputs.forEach(need);
  return { slices: [...found.slices], kept: [...found.kept] };
}
