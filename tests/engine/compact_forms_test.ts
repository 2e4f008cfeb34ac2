import { assert, assertEquals } from "@std/assert";
import { verifyPlan } from "../../engine/passes/verify.ts";
import { halfGradient, keepHalf } from "../../ops/elementwise/keep_half.ts";
import * as g from "../../ops/mod.ts";
import { interpret } from "../oracle/interpreter.ts";
import { input, planOf } from "./plans.ts";

Deno.test("a value that is kept as halves is not kept beside them, and all read the rounded value", () => {
  const [x, w, v] = [input("x", [40, 24]), input("w", [24, 36]), input("v", [36, 12])];
  const y = g.tanh(g.matmul(x, w));
  const z = g.matmul(keepHalf(y), v);
  const plan = planOf({ z, largest: g.max(y, 1) });
  verifyPlan(plan);
  const temporaries = [...plan.memory.slots.keys()].filter((t) => t.shape.join() === "40,36");
  assertEquals(temporaries.map((t) => t.dtype), ["float16"]);
});

Deno.test("what halfGradient() marks keeps its value, and its gradient is rounded", () => {
  const x = input("x", [3]);
  const [gradient] = g.grad(g.sum(g.mul(halfGradient(g.mul(x, 2)), 0.1)), [x]);
  const feeds = new Map([[x, [1, 2, 3]]]);
  const [value, rounded] = interpret([halfGradient(g.mul(x, 2)), gradient], feeds);
  assertEquals([...value], [2, 4, 6]);
  const expected = 2 * Math.f16round(Math.fround(0.1));
  assert([...rounded].every((r) => r === expected), `${rounded}`);
});
