import FFT from "fft.js";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { assertClose, checkWithoutDevice, random } from "../check_op.ts";
import { cpu, everyDevice } from "../devices.ts";
import { f, testRefusals } from "./refusals.ts";

/** What tensors of a sound are on a device. */
async function computed(
  device: (typeof everyDevice)[number]["device"],
  sound: Float32Array,
  of: (x: Tensor) => Record<string, Tensor>,
) {
  const x = ndarray("float32", [sound.length], sound);
  const program = await compileProgram((_state, given) => ({ outputs: of(given.x) }), {
    device,
    inputs: { x },
  });
  const result = await program.call({ x });
  program.close();
  return result;
}

const noise = (length: number) => {
  const next = random(3);
  return Float32Array.from({ length }, () => 2 * next() - 1);
};

for (const { name, device } of everyDevice) {
  Deno.test(`stft() agrees with a library on ${name}, at sizes from 16 to 2048`, async () => {
    for (const size of [16, 64, 128, 512, 2048]) {
      const sound = noise(size);
      const options = { size, hop: size, center: false, window: "rectangular" } as const;
      const { real, imaginary } = await computed(device, sound, (x) => ({ ...g.stft(x, options) }));
      const fft = new FFT(size);
      const expected: number[] = fft.createComplexArray();
      fft.realTransform(expected, sound);
      for (const [part, of] of [real, imaginary].entries()) {
        const own = Float64Array.from({ length: size / 2 + 1 }, (_, k) => expected[2 * k + part]);
        assertClose(of.data, own, 1e-5, `${size} samples, part ${part}`);
      }
    }
  });

  Deno.test(`istft() gives on ${name} what stft() came from, with any window and a hop up to half of it`, async () => {
    const sound = noise(1000);
    for (
      const options of [
        { size: 128 },
        { size: 64, hop: 32 },
        { size: 100, hop: 30, window: "hamming", windowSize: 80 },
        { size: 33, hop: 7, window: "blackman" },
        { size: 50, hop: 50, window: "rectangular", center: false },
      ] as const
    ) {
      const { back } = await computed(
        device,
        sound,
        (x) => ({ back: g.istft(g.stft(x, options), 1000, options) }),
      );
      assertClose(back.data, sound, 1e-5, JSON.stringify(options));
    }
  });

  Deno.test(`griffinLim() finds on ${name} a sound with the magnitudes of a melody`, async () => {
    const sound = Float32Array.from({ length: 4000 }, (_, i) => {
      const note = Math.floor(i / 800);
      return 0.5 * Math.sin(2 * Math.PI * (200 + 90 * note) * i / 4000) * Math.exp(-(i % 800) / 400);
    });
    const size = 128;
    const offBy = async (iterations: number) => {
      const { error } = await computed(device, sound, (x) => {
        const known = g.magnitude(g.stft(x, { size }));
        const made = g.magnitude(g.stft(g.griffinLim(known, 4000, { size, iterations }), { size }));
        return { error: g.sqrt(g.div(g.sum(g.square(g.sub(made, known))), g.sum(g.square(known)))) };
      });
      return error.data[0];
    };
    const [few, many] = [await offBy(1), await offBy(40)];
    assert(many < 0.08 && many < few / 3, `${few}, then ${many}`);
  });
}

Deno.test("mel bands are as wide as their scale says, and as high or as large", () => {
  const bankOf = (options: Partial<g.MelOptions>) => {
    const bank = g.melFilterBank({ rate: 16000, size: 8192, bands: 20, ...options });
    const { data } = bank.attrs as { data: Float32Array };
    const column = (band: number) => Array.from({ length: 4097 }, (_, bin) => data[bin * 20 + band]);
    const peaks = Array.from({ length: 20 }, (_, band) => {
      const values = column(band);
      return values.indexOf(Math.max(...values)) * 16000 / 8192;
    });
    return { column, peaks };
  };
  const htk = bankOf({});
  const mel = (f: number) => 1127 * Math.log(1 + f / 700);
  htk.peaks.forEach((f, i) => assertAlmostEquals(mel(f), mel(8000) * (i + 1) / 21, 2));
  assertAlmostEquals(Math.max(...htk.column(10)), 1, 0.01);
  const slaney = bankOf({ scale: "slaney", low: 200 });
  // Evenly apart in Hz below 1000, in ratio above.
  const [a, b, c] = slaney.peaks;
  assertAlmostEquals(b - a, c - b, 4);
  assertAlmostEquals(slaney.peaks[19] / slaney.peaks[18], slaney.peaks[18] / slaney.peaks[17], 0.01);
  for (const band of [0, 10, 19]) {
    assertAlmostEquals(slaney.column(band).reduce((sum, v) => sum + v) * 16000 / 8192, 1, 0.01);
  }
});

const complex = (...shape: number[]) => ({ real: f(...shape), imaginary: f(...shape) });
testRefusals([
  ["stft() of whole numbers", () => g.stft(g.zeros([8], "int32")), TypeError, "float32 is needed"],
  ["stft() of nothing", () => g.stft(f(2, 0)), RangeError, "of one sample at least"],
  [
    "stft() of half a frame",
    () => g.stft(f(100), { size: 128, center: false }),
    RangeError,
    "a frame of 128",
  ],
  ["stft() with a size of 1", () => g.stft(f(9), { size: 1 }), RangeError, "a whole number from 2"],
  [
    "stft() with a long window",
    () => g.stft(f(9), { size: 4, windowSize: 5 }),
    RangeError,
    "larger than size 4",
  ],
  ["istft() of other frames", () => g.istft(complex(3, 5), 8, { size: 8 }), RangeError, "give [5, 5]"],
  [
    "istft() with a hop that leaves samples unseen",
    () => g.istft(complex(2, 5), 16, { size: 8, hop: 8, center: false }),
    RangeError,
    "no window sees sample 0",
  ],
  ["frame() of less than a piece", () => g.frame(f(3), 4, 1), RangeError, "do not fit into the last axis"],
  ["overlapAdd() of one axis", () => g.overlapAdd(f(3), 1), RangeError, "[..., frames, size]"],
  ["overlapAdd() of whole numbers", () => g.overlapAdd(g.zeros([1, 2], "int32"), 1), TypeError, "float32"],
  ["stft() of a prime size", () => g.stft(f(9), { size: 65521 }), RangeError, "the larger one is 65521"],
  [
    "melFilterBank() with more bands than bins",
    () => g.melFilterBank({ rate: 8000, size: 64, bands: 1 << 30 }),
    RangeError,
    "each band needs one at least",
  ],
  [
    "melFilterBank() with too many bands",
    () => g.melFilterBank({ rate: 8000, size: 64, bands: 30 }),
    RangeError,
    "has no bin",
  ],
  [
    "melFilterBank() above half the rate",
    () => g.melFilterBank({ rate: 8000, high: 5000 }),
    RangeError,
    "these are from 0 to 4000",
  ],
  [
    "mfcc() with more coefficients than bands",
    () => g.mfcc(f(900), { rate: 8000, bands: 10 }),
    RangeError,
    "there are 10 bands",
  ],
  ["griffinLim() with momentum 1", () => g.griffinLim(f(5, 5), 8, { momentum: 1 }), RangeError, "without 1"],
]);

Deno.test("griffinLim() begins with any seed that random numbers have", async () => {
  const { made } = await computed(cpu.device, noise(8), (x) => {
    const magnitudes = g.magnitude(g.stft(x, { size: 8 }));
    return { made: g.griffinLim(magnitudes, 8, { size: 8, seed: 2 ** 32 - 1, iterations: 1 }) };
  });
  assert(made.data.every(Number.isFinite));
});

Deno.test("griffinLim() has gradients", () => {
  checkWithoutDevice({
    name: "griffinLim()",
    inputs: [{ shape: [2, 6, 5], range: [0.5, 2] }],
    build: (magnitudes) => g.griffinLim(magnitudes, 10, { size: 8, hop: 2, iterations: 2, momentum: 0.5 }),
    twice: false,
  });
});

Deno.test("stft() takes any axes before the sound's, and none", () => {
  assertEquals([...g.stft(f(2, 3, 40), { size: 16 }).real.shape], [2, 3, 11, 9]);
  assertEquals([...g.stft(f(40), { size: 16 }).real.shape], [11, 9]);
});

Deno.test("invertMel() gives power whose mel bands are those that are given", async () => {
  const mel = { rate: 8000, size: 128, bands: 16, low: 50 };
  const { bands, again, power } = await computed(cpu.device, noise(600), (x) => {
    const bands = g.melSpectrogram(x, mel);
    const power = g.invertMel(bands, { ...mel, iterations: 200 });
    return { bands, power, again: g.matmul(power, g.melFilterBank(mel)) };
  });
  assert(power.data.every((value) => value >= 0));
  const most = Math.max(...bands.data);
  bands.data.forEach((value, i) => assertAlmostEquals(again.data[i], value, 0.01 * most));
});

Deno.test("invertMel() refuses bands of another number", () => {
  assertThrows(
    () => g.invertMel(g.ones([4, 12]), { rate: 8000, size: 256, bands: 20 }),
    RangeError,
    "Cannot apply invertMel to [4, 12]: its last axis has the bands, of which there are 20",
  );
});
