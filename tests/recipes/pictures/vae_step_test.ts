import { assert, assertAlmostEquals } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { Dataset } from "../../../data/dataset.ts";
import { numbers } from "../../../data/field.ts";
import { vae } from "../../../models/vae.ts";
import { importanceWeighted, vaeStep } from "../../../recipes/pictures/vae_step.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { train } from "../../../training/loop/train.ts";
import { adam } from "../../../training/optimizers/optimizers.ts";
import { cpu } from "../../devices.ts";

const { device } = cpu;

/** Pictures of 4x4 that are all on in one of their halves. */
const halves = (count: number) =>
  new Dataset({
    fields: {
      image: numbers(
        ndarray(
          "uint8",
          [count, 4, 4, 1],
          Array.from({ length: count * 16 }, (_, i) => (i % 16 < 8) === (i % 32 < 16) ? 255 : 0),
        ),
      ),
    },
  });

Deno.test("a vae learns, and many latents estimate no less than one", async () => {
  const model = vae({ inputShape: [4, 4, 1], body: "dense", width: 16, latents: 2 });
  const step = vaeStep(model, { likelihood: "bernoulli", optimizer: adam(0.01), beta: 1, warmUp: 5 });
  const before = await evaluate(step, halves(64), { device });
  assertAlmostEquals(before.loss, before.reconstruction + before.divergence, 1e-4);
  assertAlmostEquals(before.reconstruction, 16 * Math.LN2, 2); // it knows nothing
  await train(step, halves(64), { device, epochs: 60, batchSize: 16 });
  const after = await evaluate(step, halves(64), { device });
  assert(after.loss < 2, `${after.loss}`); // two pictures are ln 2 apart
  const { nats } = await evaluate(importanceWeighted(model, "bernoulli", 64), halves(64), {
    device,
    batchSize: 8,
  });
  assert(nats < after.loss && nats > Math.LN2 - 0.05, `${nats} beside ${after.loss}`);
});
