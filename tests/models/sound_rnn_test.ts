/** Frames of sounds: how they are expected, and how they are drawn. */
import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { compute, program } from "../../devices/program.ts";
import { drawFrames } from "../../models/draw_frames.ts";
import { frameLoss } from "../../models/frame_distribution.ts";
import { soundRnn } from "../../models/sound_rnn.ts";
import { tensor } from "../../ops/mod.ts";
import type { Device } from "../../engine/device.ts";
import { everyDevice } from "../devices.ts";
import { fillWeights } from "./apply_model.ts";

const BANDS = 3;

/** The same in plain loops: nats a band. */
function surprise(expected: readonly number[], frame: readonly number[]): number {
  const each = frame.map((value, band) => {
    const deviation = 0.05 + Math.log1p(Math.exp(expected[BANDS + band]));
    return 0.5 * ((value - expected[band]) / deviation) ** 2 + Math.log(deviation * Math.sqrt(2 * Math.PI));
  });
  return each.reduce((a, b) => a + b, 0) / BANDS;
}

for (const { name, device } of everyDevice) {
  Deno.test(`frameLoss() is the surprise of normal distributions, on ${name}`, async () => {
    const expected = Array.from({ length: 4 * 2 * BANDS }, (_, i) => Math.sin(i * 1.7));
    const frames = Array.from({ length: 4 * BANDS }, (_, i) => Math.cos(i * 2.3));
    const loss = await compute(
      frameLoss(tensor(expected, [2, 2, 2 * BANDS]), tensor(frames, [2, 2, BANDS])),
      device,
    );
    assertEquals(loss.shape, [2, 2]);
    loss.data.forEach((value, i) => {
      const own = expected.slice(i * 2 * BANDS, (i + 1) * 2 * BANDS);
      assertAlmostEquals(value, surprise(own, frames.slice(i * BANDS, (i + 1) * BANDS)), 1e-5);
    });
  });

  Deno.test(`drawFrames() draws the same again from the same seed, and what was asked for, on ${name}`, async () => {
    const draw = (seed: number, temperature = 1) => drawn(device, { seed, temperature });
    const first = await draw(1);
    assertEquals(first.shape, [3, 4, BANDS]);
    assertEquals([...(await draw(1)).data], [...first.data]);
    assertNotEquals([...(await draw(2)).data], [...first.data]);
    assert(first.data.every(Number.isFinite));
    // Without noise, sounds that are like the same one are equal.
    const sure = await draw(1, 0);
    const sound = (i: number) => [...sure.data.slice(4 * BANDS * i, 4 * BANDS * (i + 1))];
    assertEquals(sound(1), sound(2));
    assertNotEquals(sound(0), sound(1));
  });
}

async function drawn(device: Device, options: { seed: number; temperature: number }) {
  const model = soundRnn({ frames: 4, bands: BANDS, sounds: 2, places: 1, units: 5 });
  fillWeights(model);
  const like = tensor([0, 1, 1].flatMap((which) => Array(4).fill([1 - which, which]).flat()), [3, 4, 2]);
  const place = tensor(Array(3).fill([0, 1, 2, 3]).flat(), [3, 4, 1]);
  const draw = await program(
    (weights) => ({ outputs: { frames: drawFrames(model, weights, { like, place }, options) } }),
    { state: Object.fromEntries(model.weights), device },
  );
  const { frames } = await draw.call();
  draw.close();
  return frames;
}
