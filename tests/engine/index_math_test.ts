/** Index arithmetic against plain numbers, for every value of the loops. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { type Axis, axisValue, bool, type Expr, i32 } from "../../engine/expression/expr.ts";
import {
  affineOf,
  allInRange,
  flatten,
  indexAdd,
  indexDiv,
  indexMul,
  indexRem,
  indexSub,
  indexSum,
  inRange,
  rewrite,
  unflatten,
} from "../../engine/expression/index_math.ts";
import { axesOf } from "../../engine/expression/axes.ts";
import { everyIndex, valueOf } from "../oracle/expr_value.ts";

const RUNS = { numRuns: 1000, seed: 5 };

/** An index, and the same as a function of the loops. */
interface Index {
  readonly expr: Expr;
  readonly value: (indices: ReadonlyMap<Axis, number>) => number;
}

interface Step {
  readonly kind: number;
  readonly number: number;
  readonly other: number;
}

const floorMod = (a: number, b: number) => ((a % b) + b) % b;

const steps: ((x: Index, other: Index, n: number) => Index)[] = [
  (x, _, n) => ({ expr: indexDiv(x.expr, n), value: (i) => Math.floor(x.value(i) / n) }),
  (x, _, n) => ({ expr: indexRem(x.expr, n), value: (i) => floorMod(x.value(i), n) }),
  (x, _, n) => ({ expr: indexMul(x.expr, n - 4), value: (i) => x.value(i) * (n - 4) }),
  (x, _, n) => ({ expr: indexAdd(x.expr, n - 6), value: (i) => x.value(i) + n - 6 }),
  (x, other) => ({ expr: indexAdd(x.expr, other.expr), value: (i) => x.value(i) + other.value(i) }),
  (x, other) => ({ expr: indexSub(x.expr, other.expr), value: (i) => x.value(i) - other.value(i) }),
  (x, other, n) => ({
    expr: indexSum([[x.expr, n], [other.expr, -1]], 3),
    value: (i) => n * x.value(i) - other.value(i) + 3,
  }),
];

const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 });
const longerSizes = fc.array(fc.integer({ min: 2, max: 6 }), { minLength: 1, maxLength: 3 });
const program = fc.array(
  fc.record({
    kind: fc.nat(steps.length - 1),
    number: fc.integer({ min: 1, max: 12 }),
    other: fc.nat(50),
  }),
  { minLength: 1, maxLength: 7 },
);

function build(axes: readonly Axis[], program: readonly Step[]): Index[] {
  const all: Index[] = axes.map((axis) => ({ expr: axisValue(axis), value: (i) => i.get(axis)! }));
  for (const { kind, number, other } of program) {
    all.push(steps[kind](all.at(-1)!, all[other % all.length], number));
  }
  return all;
}

const loops = (sizes: readonly number[]): Axis[] => sizes.map((size, i) => ({ name: `i${i}`, size }));

function checkValues({ expr, value }: Index, axes: readonly Axis[]): void {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const indices of everyIndex(axes)) {
    const expected = value(indices);
    assert(valueOf(expr, indices) === expected, `${valueOf(expr, indices)} instead of ${expected}`);
    [lowest, highest] = [Math.min(lowest, expected), Math.max(highest, expected)];
  }
  assert(
    expr.low <= lowest && highest <= expr.high,
    `${lowest}..${highest} leaves ${expr.low}..${expr.high}`,
  );
  const isPlain = [...affineOf(expr).terms.keys()].every((atom) => atom.op === "axis");
  if (isPlain) assert(expr.low === lowest && expr.high === highest, "bounds of a plain sum are not exact");
}

Deno.test("index arithmetic gives the numbers and keeps the bounds that it says, exactly for plain sums", () => {
  fc.assert(
    fc.property(sizes, program, (sizes, program) => {
      const axes = loops(sizes);
      for (const index of build(axes, program)) checkValues(index, axes);
    }),
    RUNS,
  );
});

Deno.test("rewrite() of a loop index by a number gives what the number gives", () => {
  fc.assert(
    fc.property(longerSizes, program, fc.nat(), (sizes, program, chosen) => {
      const axes = loops(sizes);
      const at = chosen % axes[0].size;
      const { expr, value } = build(axes, program).at(-1)!;
      const result = rewrite(expr, (part) => part.source === axes[0] ? i32(at) : undefined);
      const rest = axes.slice(1);
      checkValues({ expr: result, value: (i) => value(new Map([...i, [axes[0], at]])) }, rest);
    }),
    RUNS,
  );
});

Deno.test("rewrite() of a loop index by a sum of two others gives their numbers within true bounds", () => {
  fc.assert(
    fc.property(sizes, program, fc.integer({ min: 2, max: 3 }), ([size, ...others], program, factor) => {
      const [outer, inner]: Axis[] = [{ name: "outer", size }, { name: "inner", size: factor }];
      const axes = loops([size * factor, ...others]);
      const sum = indexSum([[axisValue(outer), factor], [axisValue(inner), 1]]);
      const { expr, value } = build(axes, program).at(-1)!;
      const result = rewrite(expr, (part) => part.source === axes[0] ? sum : undefined);
      const numbers = (i: ReadonlyMap<Axis, number>) =>
        value(new Map([...i, [axes[0], i.get(outer)! * factor + i.get(inner)!]]));
      checkValues({ expr: result, value: numbers }, [outer, inner, ...axes.slice(1)]);
    }),
    RUNS,
  );
});

const someShape = fc.array(fc.constantFrom(1, 2, 3, 4, 5), { minLength: 1, maxLength: 4 });

/** Neighbouring axes made one. */
function joined(shape: readonly number[], joins: readonly number[]): number[] {
  const result = [...shape];
  for (const join of joins.slice(0, shape.length - 1)) {
    const at = join % (result.length - 1);
    result.splice(at, 2, result[at] * result[at + 1]);
  }
  return result;
}

Deno.test("flatten() and unflatten() undo each other where axes are joined and split again", () => {
  fc.assert(
    fc.property(someShape, fc.array(fc.nat(3), { maxLength: 3 }), (shape, joins) => {
      const index = axesOf(shape).map((loop) => loop.value);
      const flat = flatten(index, shape);
      const between = joined(shape, joins);
      const back = flatten(unflatten(flat, between), between);
      // By identity: this is how fusion sees that an element is read where it is computed.
      assertStrictEquals(back, flat);
      unflatten(back, shape).forEach((e, axis) => assertStrictEquals(e, index[axis]));
    }),
    RUNS,
  );
});

Deno.test("flatten() of unflatten() is the same place, whatever the shape in between", () => {
  fc.assert(
    fc.property(someShape, fc.array(fc.nat(3), { maxLength: 3 }), (shape, joins) => {
      const loops = axesOf(shape);
      const flat = flatten(loops.map((loop) => loop.value), shape);
      const other = joined(shape, joins).reverse();
      const back = flatten(unflatten(flat, other), other);
      for (const indices of everyIndex(loops.map((loop) => loop.axis))) {
        assertEquals(valueOf(back, indices), valueOf(flat, indices));
      }
    }),
    { numRuns: 200, seed: 6 },
  );
});

Deno.test("unflatten() of an empty shape ends, and stays within its sizes", () => {
  const flat = axisValue({ name: "i", size: 4 });
  assertEquals(unflatten(flat, [2, 0, 3]).length, 3);
});

Deno.test("inRange() and allInRange() are true where the index is inside, and known where that is sure", () => {
  const axis = { name: "i", size: 5 };
  const i = axisValue(axis);
  assertStrictEquals(inRange(i, 5), bool(true));
  assertStrictEquals(inRange(indexAdd(i, 7), 5), bool(false));
  assertStrictEquals(inRange(indexSub(i, 7), 5), bool(false));
  for (const [index, size] of [[indexSub(i, 2), 2], [indexAdd(i, 1), 3], [indexSub(i, 1), 9]] as const) {
    for (const indices of everyIndex([axis])) {
      const n = valueOf(index, indices);
      assertEquals(valueOf(inRange(index, size), indices), +(n >= 0 && n < size));
      assertEquals(
        valueOf(allInRange([index, i], [size, 4]), indices),
        +(n >= 0 && n < size && indices.get(axis)! < 4),
      );
    }
  }
});

Deno.test("quotients and remainders by constants leave plain strides behind", () => {
  const [i, j] = axesOf([3, 8]).map((loop) => loop.value);
  const flat = flatten([i, j], [3, 8]);
  assertStrictEquals(indexDiv(flat, 8), i);
  assertStrictEquals(indexRem(flat, 8), j);
  // The two halves of a split meet again.
  const [quotient, rest] = [indexDiv(j, 2), indexRem(j, 2)];
  assertStrictEquals(indexSum([[quotient, 2], [rest, 1]]), j);
  assertStrictEquals(indexDiv(indexDiv(flat, 2), 4), i);
});
