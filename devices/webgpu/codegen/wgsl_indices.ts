/** Several loops as one number, as the rows of a tile are and the terms of a sum, and how it is taken apart again. */
import type { Axis } from "../../../engine/expression/expr.ts";
import type { WgslEmitter } from "./wgsl_expr.ts";

/** Names the indices of loops with these sizes, the last of which is the innermost; `number` is text. */
export function takeApart(
  e: WgslEmitter,
  number: string,
  sizes: readonly number[],
  prefix: string,
): string[] {
  let stride = sizes.reduce((a, b) => a * b, 1);
  return sizes.map((size, i) => {
    stride /= size;
    let text = stride === 1 ? number : `i32(u32(${number}) / ${stride}u)`;
    if (i > 0) text = `i32(u32(${text}) % ${size}u)`;
    const name = e.fresh(prefix);
    e.line(`let ${name} = ${text};`);
    return name;
  });
}

/** Takes a row's number apart into its loops. */
export function bindRow(e: WgslEmitter, row: string, axes: readonly Axis[]): void {
  const indices = takeApart(e, row, axes.map((a) => a.size), "r");
  axes.forEach((axis, i) => e.bindAxis(axis, indices[i]));
}
