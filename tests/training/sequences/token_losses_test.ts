import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { charRnn } from "../../../models/char_rnn.ts";
import { charTransformer } from "../../../models/char_transformer.ts";
import { NotFiniteError } from "../../../training/not_finite/not_finite_error.ts";
import { predict } from "../../../training/fit/predict.ts";
import { tokenLosses } from "../../../training/sequences/token_losses.ts";
import { cpu, everyDevice } from "../../devices.ts";

const TOKENS = 6;
const tokensOf = (length: number) => Int32Array.from({ length }, (_, i) => (i * i + (i >> 3)) % TOKENS);

for (const { name, device } of everyDevice) {
  Deno.test(`losses of tokens on ${name} are those of the whole sequence`, async () => {
    const length = 150; // more than a piece
    const model = charRnn({ tokens: TOKENS, length, units: 9, cell: "lstm", seed: 3 });
    const tokens = tokensOf(length + 1);
    const losses = await tokenLosses(model, tokens, { device });
    const { data } = await predict(model, ndarray("int32", [1, length], tokens.slice(0, -1)), {
      device,
      probabilities: true,
    });
    assertEquals(losses.length, length);
    losses.forEach((loss, i) => assertAlmostEquals(loss, -Math.log(data[i * TOKENS + tokens[i + 1]]), 1e-4));
  });
}

const { device } = cpu;

Deno.test("a long sequence is read in parts at the same time, and comes to what it is read in one", async () => {
  const model = charRnn({ tokens: TOKENS, length: 16, units: 9, seed: 3 });
  const tokens = tokensOf(9000);
  const losses = await tokenLosses(model, tokens, { device });
  // Each piece is short enough to be one part.
  const ends = await tokenLosses(model, tokens.subarray(8000), { device });
  assertEquals(losses.length, 8999);
  for (let i = 300; i < ends.length; i++) assertAlmostEquals(losses[8000 + i], ends[i], 1e-4);
  const middle = await tokenLosses(model, tokens.subarray(4000, 5000), { device });
  for (let i = 300; i < middle.length; i++) assertAlmostEquals(losses[4000 + i], middle[i], 1e-4);
});

Deno.test("losses of few tokens, and of a model that looks back a certain way", async () => {
  const model = charTransformer({ tokens: TOKENS, length: 8, width: 8, depth: 1, heads: 2 });
  assertEquals((await tokenLosses(model, [1, 2], { device })).length, 1);
  assertEquals((await tokenLosses(model, tokensOf(40), { device })).every((loss) => loss > 0), true);
  await assertRejects(() => tokenLosses(model, [1], { device }), TypeError, "at least two");
  await assertRejects(() => tokenLosses(model, [1, 6], { device }), RangeError, "tokens[1] 6");
  await assertRejects(() => tokenLosses(model, [0, 1.5], { device }), RangeError, "tokens[1] 1.5");
  await assertRejects(() => tokenLosses(model, [0, NaN], { device }), RangeError, "tokens[1] NaN");
});

Deno.test("losses end where learned positions do, and where weights are no numbers", async () => {
  const model = charTransformer({
    tokens: TOKENS,
    length: 8,
    width: 8,
    depth: 1,
    heads: 2,
    positions: "learned",
  });
  assertEquals((await tokenLosses(model, tokensOf(9), { device })).every((loss) => loss > 0), true);
  await assertRejects(() => tokenLosses(model, tokensOf(10), { device }), RangeError, "positions for 8");
  model.setWeight("dense_1/bias", ndarray("float32", [32], Array(32).fill(NaN)));
  await assertRejects(() => tokenLosses(model, tokensOf(9), { device }), NotFiniteError, "dense_1/bias");
});
