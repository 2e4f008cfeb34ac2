import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { compute } from "../../devices/program.ts";
import { ndarray } from "../../engine/array.ts";
import { tensor } from "../../ops/mod.ts";
import { bernoulliLoss, logisticLoss } from "../../models/likelihood.ts";
import { decodeModel, encodeModel } from "../../models/model_file.ts";
import { vae, vaeParts } from "../../models/vae.ts";
import { cnn } from "../../models/cnn.ts";
import { predict } from "../../training/fit/predict.ts";
import { cpu } from "../devices.ts";

const { device } = cpu;

Deno.test("the halves of a vae give what it gives, also of one that was saved", async () => {
  const model = decodeModel(
    encodeModel(vae({ inputShape: [8, 12, 3], latents: 5, width: 2, valuesPerChannel: 2, seed: 3 })),
  );
  const { encoder, decoder } = vaeParts(model);
  const image = ndarray("float32", [2, 8, 12, 3], Array.from({ length: 576 }, (_, i) => i % 7 / 7));
  const ask = (output: string) => predict(model, image, { device, output });
  const mean = await predict(encoder, image, { device, output: "mean" });
  assertEquals(mean, await ask("mean"));
  assertEquals(await predict(encoder, image, { device, output: "logVariance" }), await ask("logVariance"));
  assertEquals(await predict(decoder, mean, { device }), await ask("decoded"));
  assertEquals(decoder.outputShape, [8, 12, 6]);
});

Deno.test("a dense vae takes any sides, a convolutional one what 4 divides", () => {
  assertEquals(vae({ inputShape: [5, 3, 1], body: "dense", width: 4, latents: 2 }).outputs.decoded, [
    5,
    3,
    1,
  ]);
  assertThrows(() => vae({ inputShape: [28, 30, 1] }), RangeError, "4 has to divide both sides");
  assertThrows(() => vaeParts(cnn()), RangeError, "Cannot take cnn apart as a vae");
});

Deno.test("the probabilities of all 256 bytes add up to 1, wherever a decoder says that they lie", async () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => [[[byte / 255]]]);
  for (const [place, logScale] of [[0, -3], [2.5, -6], [-9, -1], [0.3, 0.9], [0.1, -40], [-0.4, 5]]) {
    const decoded = bytes.map(() => [[[place, logScale]]]);
    const nats = (await compute(logisticLoss(tensor(decoded), tensor(bytes)), device)).data as Float32Array;
    const total = Array.from(nats).reduce((sum, each) => sum + Math.exp(-each), 0);
    assertAlmostEquals(total, 1, 2e-3, `at ${place}, scale ${logScale}`);
    assert(nats.every(Number.isFinite));
  }
});

Deno.test("likelihoods add up over the channels and pixels of each picture", async () => {
  const logits = [[[[2], [-1]]], [[[0], [0]]]];
  const image = [[[[1], [0]]], [[[1], [1]]]];
  const coins = await compute(bernoulliLoss(tensor(logits), tensor(image)), device);
  assertAlmostEquals(coins.data[0], Math.log1p(Math.exp(-2)) + Math.log1p(Math.exp(-1)), 1e-6);
  assertAlmostEquals(coins.data[1], 2 * Math.LN2, 1e-6);
  assertThrows(() => logisticLoss(tensor(logits), tensor(image)), RangeError, "two numbers for each channel");
});
