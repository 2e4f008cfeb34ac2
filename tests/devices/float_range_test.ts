/** What is known of a float from its expression alone. */
import { assertEquals } from "@std/assert";
import { floatRange } from "../../devices/arithmetic/float_range.ts";
import {
  abs,
  add,
  type Expr,
  f32,
  i32,
  loadFrom,
  lt,
  mul,
  neg,
  select,
} from "../../engine/expression/expr.ts";

const x = loadFrom({}, "float32", i32(0));
const least = (limit: number, of: Expr) => select(lt(of, f32(limit)), f32(limit), of);
const most = (limit: number, of: Expr) => select(lt(f32(limit), of), f32(limit), of);

const cases: [string, Expr, number, number][] = [
  ["a load", x, -Infinity, Infinity],
  ["a constant", f32(3), 3, 3],
  ["a size", abs(x), 0, Infinity],
  ["the negative of a size", neg(abs(x)), -Infinity, 0],
  ["a size cut from above", most(10, abs(x)), 0, 10],
  ["cut from both sides", least(-1, most(2, x)), -1, 2],
  ["a size of what is cut", abs(least(-3, most(2, x))), 0, 3],
  ["a multiple", mul(least(-1, most(2, x)), f32(-4)), -8, 4],
  ["nothing times infinity", mul(x, f32(0)), -Infinity, Infinity],
  ["a sum, of which nothing is known", add(abs(x), abs(x)), -Infinity, Infinity],
  ["a choice between others", select(lt(x, f32(0)), f32(1), f32(2)), -Infinity, Infinity],
];
for (const [name, expr, low, high] of cases) {
  Deno.test(`the range of a float: ${name}`, () => assertEquals(floatRange(expr), { low, high }));
}
