/** The order of instructions. */
import { assertEquals } from "@std/assert";
import { farthestFirst, instructionsOf } from "../../../devices/cpu/codegen/instruction_order.ts";
import { add, type Expr, f32, i32, loadFrom, mul, neg, sqrt } from "../../../engine/expression/expr.ts";

const source = {};
const loads = [0, 1].map((i) => loadFrom(source, "float32", i32(i)));
const withoutConstants = (e: Expr) => e.op === "load" ? [] : e.args.filter((a) => a.op !== "const");

Deno.test("the parts of like expressions alternate", () => {
  const roots = loads.map((x) => neg(sqrt(x)));
  assertEquals(farthestFirst(roots, withoutConstants), [
    ...loads,
    ...roots.map((r) => r.args[0]),
    ...roots,
  ]);
});

Deno.test("what is needed late comes late, but before what needs it", () => {
  const [x, y] = loads;
  const [root, product] = [sqrt(x), mul(neg(sqrt(x)), y)];
  const sum = add(product, root);
  const order = farthestFirst([sum], withoutConstants);
  assertEquals(order, [x, root, product.args[0], y, product, sum]);
});

Deno.test("loads and constants are no instructions, and parts in common are one", () => {
  const twice = mul(add(loads[0], f32(1)), add(loads[0], f32(1)));
  assertEquals(instructionsOf([twice, neg(twice)]), 3);
});
