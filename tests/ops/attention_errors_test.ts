/** What attention and rotary positions refuse, and that unseen keys leave no NaN in any gradient. */
import { assert, assertEquals } from "@std/assert";
import { compute } from "../../devices/program.ts";
import * as g from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";
import { b, f, i, testRefusals } from "./refusals.ts";

const attend = g.scaledDotProductAttention;

testRefusals([
  [
    "attention of int32",
    () => attend(i(3, 2), f(3, 2), f(3, 2)),
    TypeError,
    "queries int32 [3, 2]",
    "float32",
  ],
  ["attention of one axis", () => attend(f(2), f(2), f(2)), RangeError, "[..., heads, tokens, width]"],
  [
    "attention of widths that differ",
    () => attend(f(3, 2), f(3, 4), f(3, 2)),
    RangeError,
    "2 wide",
    "keys 4",
  ],
  ["attention of too few values", () => attend(f(3, 2), f(3, 2), f(2, 2)), RangeError, "3 keys", "2 values"],
  [
    "attention of another batch",
    () => attend(f(2, 2, 3, 2), f(1, 2, 3, 2), f(1, 2, 3, 2)),
    RangeError,
    "batch axes",
  ],
  [
    "attention of heads that cannot be shared",
    () => attend(f(5, 3, 2), f(2, 3, 2), f(2, 3, 2)),
    RangeError,
    "5 heads",
    "2 heads",
  ],
  [
    "attention with a mask of floats",
    () => attend(f(3, 2), f(3, 2), f(3, 2), { mask: f(3, 3) }),
    TypeError,
    "mask float32 [3, 3]",
    "bool",
  ],
  [
    "attention with a mask that does not fit",
    () => attend(f(3, 2), f(4, 2), f(4, 2), { mask: b(3, 3) }),
    TypeError,
    "bool [3, 3]",
    "[3, 4]",
  ],
  [
    "attention with an unknown option",
    () => attend(f(3, 2), f(3, 2), f(3, 2), { isCausal: true } as object),
    TypeError,
    "isCausal",
  ],
  [
    "attention with an infinite scale",
    () => attend(f(3, 2), f(3, 2), f(3, 2), { scale: Infinity }),
    RangeError,
    "scale",
  ],
  ["rotaryEmbedding() of an odd width", () => g.rotaryEmbedding(f(4, 3)), RangeError, "[4, 3]", "even"],
  ["rotaryEmbedding() of one axis", () => g.rotaryEmbedding(f(4)), RangeError, "[4]", "tokens"],
  ["rotaryEmbedding() of int32", () => g.rotaryEmbedding(i(4, 2)), TypeError, "int32", "cast"],
  [
    "rotaryEmbedding() from half a place",
    () => g.rotaryEmbedding(f(4, 2), { offset: 0.5 }),
    TypeError,
    "0.5",
  ],
  [
    "rotaryEmbedding() from an offset of floats",
    () => g.rotaryEmbedding(f(4, 2), { offset: f() }),
    TypeError,
    "float32 []",
  ],
  [
    "rotaryEmbedding() from offsets of another batch",
    () => g.rotaryEmbedding(f(4, 3, 2), { offset: i(3) }),
    RangeError,
    "[4, 3, 2] with 3 offsets",
  ],
  ["rotaryEmbedding() with base 0", () => g.rotaryEmbedding(f(4, 2), { base: 0 }), RangeError, "base 0"],
]);

for (const { name, device } of everyDevice) {
  Deno.test(`queries that see no key give zeros, and gradients without NaN, on ${name}`, async () => {
    const q = g.tensor([[3, -1], [1e4, 1e4], [0, 2]]);
    const mask = g.tensor([[1, 1], [0, 0], [1, 0]], undefined, "bool");
    const y = attend(q, g.square(q), q, { mask: g.concat([mask, g.zeros([3, 1], "bool")], 1) });
    const [first] = g.grad(g.sum(g.square(y)), [q]);
    const [second] = g.grad(g.sum(g.square(first)), [q]);
    const values = await Promise.all([y, first, second].map((t) => compute(t, device)));
    assertEquals([...values[0].data.slice(2, 4)], [0, 0]);
    for (const { data } of values) assert([...data].every((v) => !Number.isNaN(v)), `${data}`);
  });
}
