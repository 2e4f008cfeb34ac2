/** Expressions: equal ones are one object, and different ones never are. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  add,
  axisValue,
  bitsToF32,
  type Expr,
  f32,
  i32,
  loadFrom,
  mul,
  placeholder,
  u32,
} from "../../engine/expression/expr.ts";
import { rewrite } from "../../engine/expression/index_math.ts";

const axis = { name: "i", size: 4 };
const i = axisValue(axis);
const [a, b] = [{}, {}];
const areOther = (x: Expr, y: Expr) => assert(x !== y, `${x.op} and ${y.op} are one`);

Deno.test("what is made of the same parts is the same expression", () => {
  const makes: (() => Expr)[] = [
    () => f32(0.1),
    () => u32(-1),
    () => axisValue(axis),
    () => loadFrom(a, "float32", i),
    () => loadFrom(a, "float32", i32(3)),
    () => add(loadFrom(a, "float32", i32(3)), f32(2)),
    () => mul(loadFrom(a, "float32", i), loadFrom(b, "float32", i)),
    () => bitsToF32(u32(0x7f800000)),
  ];
  const made = makes.map((make) => make());
  makes.forEach((make, n) => assertStrictEquals(make(), made[n]));
  assertEquals(new Set(made).size, made.length);
});

Deno.test("what differs in one part is another expression", () => {
  areOther(f32(0), f32(-0));
  areOther(f32(1), i32(1));
  areOther(axisValue({ ...axis }), i);
  areOther(loadFrom(a, "uint8", i), loadFrom(a, "uint32", i32(0)));
  for (const place of [i, i32(3)]) {
    areOther(loadFrom(a, "float32", place), loadFrom(b, "float32", place));
    areOther(loadFrom(a, "float32", place), loadFrom(a, "int32", place));
  }
  areOther(bitsToF32(u32(1)), bitsToF32(u32(2)));
});

Deno.test("a load whose place becomes a constant still is a load of its own source", () => {
  const atThree = (source: object) =>
    rewrite(loadFrom(source, "float32", i), (e) => e === i ? i32(3) : undefined);
  assertStrictEquals(atThree(a), loadFrom(a, "float32", i32(3)));
  assertStrictEquals(atThree(b).source, b);
});

Deno.test("each placeholder stands for itself alone", () => {
  const [x, y] = [placeholder("f32"), placeholder("f32")];
  areOther(x, y);
  areOther(add(x, f32(1)), add(y, f32(1)));
  assertStrictEquals(add(x, f32(1)), add(x, f32(1)));
});

Deno.test("very many expressions of the same newest part are told apart", () => {
  const x = placeholder("f32");
  const made = Array.from({ length: 5000 }, (_, n) => add(f32(n / 7), x));
  assertEquals(new Set(made).size, made.length);
  made.forEach((e, n) => assertStrictEquals(add(f32(n / 7), x), e));
});
