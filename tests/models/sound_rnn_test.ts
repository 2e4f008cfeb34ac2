/** Frames of sounds: how they are expected, and how they are drawn. */
import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { compute, program } from "../../devices/program.ts";
import { drawFrames } from "../../models/draw_frames.ts";
import { frameLoss, mixtureWidth } from "../../models/frame_mixture.ts";
import { soundRnn } from "../../models/sound_rnn.ts";
import { tensor } from "../../ops/mod.ts";
import type { Device } from "../../engine/device.ts";
import { everyDevice } from "../devices.ts";
import { fillWeights } from "./apply_model.ts";

const [BANDS, MIXTURES] = [3, 2];

/** The same in plain loops: nats a band. */
function surprise(expected: readonly number[], frame: readonly number[]): number {
  const total = Math.log(Math.exp(expected[0]) + Math.exp(expected[1]));
  const each = [0, 1].map((k) => {
    let sum = expected[k] - total;
    for (let b = 0; b < BANDS; b++) {
      const mean = expected[MIXTURES + k * BANDS + b];
      const deviation = 0.05 + Math.log1p(Math.exp(expected[MIXTURES + MIXTURES * BANDS + k * BANDS + b]));
      sum += -0.5 * ((frame[b] - mean) / deviation) ** 2 - Math.log(deviation) - 0.5 * Math.log(2 * Math.PI);
    }
    return sum;
  });
  return -Math.log(Math.exp(each[0]) + Math.exp(each[1])) / BANDS;
}

for (const { name, device } of everyDevice) {
  Deno.test(`frameLoss() is the surprise of a mixture of normal distributions, on ${name}`, async () => {
    const width = mixtureWidth(BANDS, MIXTURES);
    const expected = Array.from({ length: 4 * width }, (_, i) => Math.sin(i * 1.7));
    const frames = Array.from({ length: 4 * BANDS }, (_, i) => Math.cos(i * 2.3));
    const loss = await compute(
      frameLoss(tensor(expected, [2, 2, width]), tensor(frames, [2, 2, BANDS])),
      device,
    );
    assertEquals(loss.shape, [2, 2]);
    loss.data.forEach((value, i) => {
      const own = surprise(
        expected.slice(i * width, (i + 1) * width),
        frames.slice(i * BANDS, (i + 1) * BANDS),
      );
      assertAlmostEquals(value, own, 1e-5);
    });
  });

  Deno.test(`drawFrames() draws the same again from the same seed, and what was asked for, on ${name}`, async () => {
    const draw = (seed: number, temperature = 1) => drawn(device, { seed, temperature });
    const first = await draw(1);
    assertEquals(first.shape, [3, 3, 4]);
    assertEquals([...(await draw(1)).data], [...first.data]);
    assertNotEquals([...(await draw(2)).data], [...first.data]);
    assert(first.data.every(Number.isFinite));
    // Without noise, sounds of one kind are equal.
    const sure = await draw(1, 0);
    const sound = (i: number) => [...sure.data.slice(12 * i, 12 * (i + 1))];
    assertEquals(sound(1), sound(2));
    assertNotEquals(sound(0), sound(1));
  });
}

async function drawn(device: Device, options: { seed: number; temperature: number }) {
  const model = soundRnn({ frames: 3, bands: 4, classes: 2, units: 5, mixtures: 1 });
  fillWeights(model);
  const kinds = tensor([0, 1, 1], [3], "int32");
  const draw = await program(
    (weights) => ({ outputs: { frames: drawFrames(model, weights, { kinds, ...options }) } }),
    { state: Object.fromEntries(model.weights), device },
  );
  const { frames } = await draw.call();
  draw.close();
  return frames;
}
