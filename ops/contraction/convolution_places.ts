/** Where windows lie on what they are moved over, along any number of axes, and which elements meet a place. */
import { type Expr, i32 } from "../../engine/expression/expr.ts";
import { indexDiv, indexMul, indexRem, indexSum } from "../../engine/expression/index_math.ts";
import type { Windows } from "../window/window.ts";

/** What a convolution and its gradients are given, worked out. */
export interface ConvolutionAttrs {
  readonly windows: Windows;
  readonly groups: number;
}

/** The place along an axis that element `k` of window `i` sees. */
export function seenAt(i: Expr, k: Expr, { strides, dilations, before }: Windows, axis: number): Expr {
  return indexSum([[i, strides[axis]], [k, dilations[axis]]], -before[axis]);
}

/** Loops over channels: with groups, one over the groups and one within. */
export const channelLoops = (channels: number, groups: number): number[] =>
  groups === 1 ? [channels] : [groups, channels / groups];

/** The group and the channel within it, from those loops. */
export const splitChannel = (index: readonly Expr[]): { group: Expr; within: Expr } =>
  index.length === 1 ? { group: i32(0), within: index[0] } : { group: index[0], within: index[1] };

/** The channel of an image. */
export const channelAt = (group: Expr, within: Expr, perGroup: number): Expr =>
  indexSum([[group, perGroup], [within, 1]]);

const divisor = (a: number, b: number): number => b === 0 ? a : divisor(b, a % b);

/** Whether there are places that no window element meets, as steps between and within windows have a common divisor. */
export const leavesGaps = ({ strides, dilations }: Windows): boolean =>
  strides.some((stride, axis) => divisor(stride, dilations[axis]) !== 1);

/** The number x in [0, m) with a x = 1 modulo m, for a and m without a common divisor. */
function inverse(a: number, m: number): number {
  let x = 0;
  while (a * x % m !== 1 % m) x++;
  return x;
}

/** The first window element that meets places with this rest, as an index. */
function firstElement(rest: Expr, { strides, dilations, before }: Windows, axis: number): Expr {
  const s = strides[axis];
  return indexRem(indexMul(indexSum([[rest, 1]], before[axis]), inverse(dilations[axis] % s, s)), s);
}

/** Window element number `turn` of those that meet places with this rest. */
export const elementAt = (rest: Expr, turn: Expr, windows: Windows, axis: number): Expr =>
  indexSum([[firstElement(rest, windows, axis), 1], [turn, windows.strides[axis]]]);

/** The window in which that element lies on the place `stride * quotient + rest`. */
export function windowAt(quotient: Expr, rest: Expr, turn: Expr, windows: Windows, axis: number): Expr {
  const { strides, dilations, before } = windows;
  const first = firstElement(rest, windows, axis);
  const whole = indexDiv(indexSum([[rest, 1], [first, -dilations[axis]]], before[axis]), strides[axis]);
  return indexSum([[quotient, 1], [whole, 1], [turn, -dilations[axis]]]);
}
