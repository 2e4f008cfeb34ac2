import { assert, assertEquals, assertThrows } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { classes, numbers } from "../../data/field.ts";
import { Dataset } from "../../data/dataset.ts";
import { Random } from "../../data/random.ts";
import { audioClassifier } from "../../models/audio_classifier.ts";
import { logMel } from "../../models/layers/signal/log_mel.ts";
import { spectrogramMask } from "../../models/layers/signal/spectrogram_mask.ts";
import { sequential } from "../../models/model.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { fit } from "../../training/fit/fit.ts";
import { adam } from "../../training/optimizers/optimizers.ts";
import { cpu } from "../devices.ts";
import { applyModel } from "./apply_model.ts";

const ones = (...shape: number[]) =>
  ndarray("float32", shape, new Float32Array(shape.reduce((a, b) => a * b)).fill(1));

Deno.test("spectrogramMask hides one stretch of frames and one of bands of each example, in training alone", async () => {
  const model = sequential([spectrogramMask({ frames: 6, bands: 3 })], { inputShape: [20, 10, 2] });
  const input = ones(40, 20, 10, 2);
  assertEquals((await applyModel(model, input)).output.data, input.data);
  const { output: { data } } = await applyModel(model, input, { training: true });
  const at = (n: number, frame: number, band: number, c = 0) => data[((n * 20 + frame) * 10 + band) * 2 + c];
  const lengths = Array.from({ length: 40 }, (_, n) => {
    // A frame is hidden if all of its bands are.
    const hidden = (count: number, isHidden: (i: number) => boolean) =>
      Array.from({ length: count }, (_, i) => i).filter(isHidden);
    const frames = hidden(20, (f) => Array.from({ length: 10 }, (_, b) => at(n, f, b)).every((v) => v === 0));
    const bands = hidden(10, (b) => Array.from({ length: 20 }, (_, f) => at(n, f, b)).every((v) => v === 0));
    for (const stretch of [frames, bands]) {
      assert(stretch.length === 0 || stretch.at(-1)! - stretch[0] === stretch.length - 1, `${stretch}`);
    }
    for (let f = 0; f < 20; f++) {
      for (let b = 0; b < 10; b++) {
        const expected = frames.includes(f) || bands.includes(b) ? 0 : 1;
        assertEquals([at(n, f, b), at(n, f, b, 1)], [expected, expected]);
      }
    }
    return [frames.length, bands.length];
  });
  assertEquals([Math.max(...lengths.map(([f]) => f)), Math.max(...lengths.map(([, b]) => b))], [6, 3]);
  assert(new Set(lengths.map(([f]) => f)).size > 3);
});

Deno.test("logMel is loud in the band that a tone is in, and has a floor", async () => {
  const model = sequential([logMel({ rate: 8000, size: 256, bands: 20 })], { inputShape: [2000] });
  const tone = Float32Array.from({ length: 2000 }, (_, i) => Math.sin(2 * Math.PI * 1000 * i / 8000));
  const { output: { shape, data } } = await applyModel(model, ndarray("float32", [1, 2000], tone));
  assertEquals(shape, [1, 16, 20]);
  const frame = [...data.subarray(8 * 20, 9 * 20)];
  // 1000 Hz is 1000 mel; bands are 102 mel apart.
  assertEquals(frame.indexOf(Math.max(...frame)), 9);
  const { output: silence } = await applyModel(model, ndarray("float32", [1, 2000], new Float32Array(2000)));
  assert(silence.data.every((value) => Math.abs(value - Math.log(1e-4)) < 1e-5));
});

Deno.test("audioClassifier learns to tell high from low and steady from short sounds", async () => {
  const random = new Random(5);
  const [count, length, rate] = [96, 1024, 4000];
  const sounds = new Float32Array(count * length);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  labels.forEach((label, i) => {
    const pitch = (label === 0 ? 300 : 900) * (0.8 + 0.4 * random.uniform(0, 1));
    for (let t = 0; t < length; t++) {
      const decay = label === 2 ? Math.exp(-t / 60) : 1;
      sounds[i * length + t] = decay * Math.sin(2 * Math.PI * pitch * t / rate) + 0.01 * random.uniform(0, 1);
    }
  });
  const dataOf = (from: number, to: number) =>
    new Dataset({
      fields: {
        sound: numbers(ndarray("float32", [to - from, length], sounds.slice(from * length, to * length))),
        label: classes(ndarray("uint8", [to - from], labels.slice(from, to)), ["low", "high", "short"]),
      },
      targets: "label",
    });
  const model = audioClassifier({ length, rate, classes: 3, bands: 16 });
  await fit(model, dataOf(0, 72), { epochs: 12, batchSize: 12, optimizer: adam(0.003), device: cpu.device });
  const { accuracy } = await evaluate(model, dataOf(72, 96), { device: cpu.device });
  assert(accuracy! > 0.9, `${accuracy}`);
});

Deno.test("audioClassifier refuses sounds that are too short for it", () => {
  assertThrows(
    () => audioClassifier({ length: 400, rate: 16000, classes: 2 }),
    RangeError,
    "they have 2 frames of 512 samples, 4 are needed",
  );
});
