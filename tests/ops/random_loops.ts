/** Random loops, and their steps written out one after another. */
import fc from "fast-check";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";

/** What a step does: its values are added to a list, from which later ones are made. */
export interface Recipe {
  readonly ops: readonly { readonly kind: number; readonly a: number; readonly b: number }[];
  readonly next: readonly number[];
  readonly kept: readonly number[];
  readonly steps: number;
  readonly reverse: boolean;
  readonly usesCarry: boolean;
}

/** Steps of all kinds. */
export const recipes = fc.record({
  ops: fc.array(fc.record({ kind: fc.nat(8), a: fc.nat(30), b: fc.nat(30) }), { minLength: 1, maxLength: 7 }),
  next: fc.array(fc.nat(30), { minLength: 2, maxLength: 2 }),
  kept: fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }),
  steps: fc.integer({ min: 1, max: 4 }),
  reverse: fc.boolean(),
  usesCarry: fc.boolean(),
});

/** All of one shape `[n, m]`, the weight being `[m, m]`, and of a size that stays small. */
function step(recipe: Recipe, given: readonly Tensor[], weight: Tensor): { next: Tensor[]; kept: Tensor[] } {
  const values = [...given];
  const at = (i: number) => values[i % values.length];
  for (const { kind, a, b } of recipe.ops) {
    const [x, y] = [at(a), at(b)];
    values.push([
      () => g.tanh(g.add(x, y)),
      () => g.tanh(g.matmul(x, weight)),
      () => g.mul(g.sigmoid(x), y),
      () => g.softmax(x),
      () => g.sub(x, g.mean(x, 0, { keepDims: true })),
      () => g.tanh(g.add(g.sum(y, 1, { keepDims: true }), x)),
      () => g.where(g.greater(x, 0), x, g.mul(y, 0.5)),
      () => g.reshape(g.transpose(g.reshape(x, [...x.shape].reverse())), x.shape),
      () => g.maximum(x, y),
    ][kind]());
  }
  return {
    next: recipe.next.map((i) => g.tanh(at(i))),
    kept: recipe.kept.map(at),
  };
}

/** A recipe as a loop. */
export function asLoop(recipe: Recipe, [x, h, s, weight]: readonly Tensor[]): Tensor[] {
  const { carry, ys } = g.scan(({ h, s }, { x }) => {
    const { next, kept } = step(recipe, recipe.usesCarry ? [x, h, s] : [x], weight);
    return { carry: { h: next[0], s: next[1] }, ys: Object.fromEntries(kept.map((k, i) => [`y${i}`, k])) };
  }, { carry: { h, s }, xs: { x }, reverse: recipe.reverse });
  return [carry.h, carry.s, ...Object.values(ys)];
}

/** Its steps one after another. */
export function writtenOut(recipe: Recipe, [x, h, s, weight]: readonly Tensor[]): Tensor[] {
  let carry = [h, s];
  const kept: Tensor[][] = [];
  for (let i = 0; i < recipe.steps; i++) {
    const t = recipe.reverse ? recipe.steps - 1 - i : i;
    const slice = g.reshape(g.slice(x, [t, 0, 0], [1, ...h.shape]), h.shape);
    const made = step(recipe, recipe.usesCarry ? [slice, ...carry] : [slice], weight);
    carry = made.next;
    kept[t] = made.kept;
  }
  return [...carry, ...recipe.kept.map((_, i) => g.stack(kept.map((k) => k[i])))];
}

/** The results and, of a number that depends on all of them, the gradients. */
export function all(results: readonly Tensor[], inputs: readonly Tensor[]): Record<string, Tensor> {
  const loss = results.map((r, i) => g.sum(g.mul(g.square(r), 1 + i / 4))).reduce((a, b) => g.add(a, b));
  const gradients = g.grad(loss, inputs);
  return Object.fromEntries([...results, ...gradients].map((t, i) => [`${i}`, t]));
}
