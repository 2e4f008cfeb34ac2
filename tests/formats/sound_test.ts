import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ndarray } from "../../engine/array.ts";
import { FormatError } from "../../formats/format_error.ts";
import { decodeSound } from "../../formats/sound/decode_sound.ts";
import { mixToMono, resampleSound } from "../../formats/sound/resample.ts";
import { encodeWav } from "../../formats/wav/wav_encoder.ts";
import { makeFlac } from "./make_flac.ts";
import { mp3Samples } from "./mp3_samples.ts";

/** A sine of one second, or other seconds. */
function sine(frequency: number, rate: number, seconds = 0.5) {
  const length = Math.round(rate * seconds);
  const data = Float32Array.from({ length }, (_, i) => Math.sin(2 * Math.PI * frequency * i / rate));
  return { samples: ndarray("float32", [length, 1], data), rate };
}

/** How far a sound is off a sine, away from its ends. */
function farthest(sound: ReturnType<typeof sine>, frequency: number, amplitude = 1): number {
  const { data } = sound.samples;
  let most = 0;
  for (let i = Math.round(0.1 * sound.rate); i < data.length - 0.1 * sound.rate; i++) {
    most = Math.max(most, Math.abs(data[i] - amplitude * Math.sin(2 * Math.PI * frequency * i / sound.rate)));
  }
  return most;
}

for (
  const [from, to] of [[44100, 16000], [16000, 44100], [8000, 16000], [48000, 8000], [44101, 15991], [
    11025,
    11024,
  ]]
) {
  Deno.test(`resampleSound() from ${from} to ${to} Hz keeps what both hold and mirrors nothing`, () => {
    const half = Math.min(from, to) / 2;
    for (const part of [0.01, 0.3, 0.6, 0.89]) {
      const kept = resampleSound(sine(part * half, from), to);
      assertEquals(kept.samples.shape, [Math.ceil(Math.round(from / 2) * to / from), 1]);
      assert(farthest(kept, part * half) < 1e-4, `${part * half} Hz: ${farthest(kept, part * half)}`);
    }
    for (const part of [1.01, 1.3, 1.9, 2.7]) {
      if (part * half >= from / 2) continue;
      const gone = resampleSound(sine(part * half, from), to);
      assert(farthest(gone, 0, 0) < 1e-4, `${part * half} Hz: ${farthest(gone, 0, 0)}`);
    }
  });
}

Deno.test("resampleSound() takes each channel by itself, and a constant stays one", () => {
  const stereo = {
    samples: ndarray("float32", [4000, 2], Float32Array.from({ length: 8000 }, (_, i) => i % 2)),
    rate: 8000,
  };
  const { samples: { shape, data } } = resampleSound(stereo, 11025);
  assertEquals(shape, [5513, 2]);
  assertEquals([data[5000], Math.abs(data[5001] - 1) < 1e-6], [0, true]);
});

Deno.test("resampleSound() refuses rates that there are not, and results that are too large", () => {
  for (const rate of [0, -1, 0.5, NaN, 1e9]) {
    assertThrows(() => resampleSound(sine(1, 100), rate), RangeError, "rates are whole numbers");
  }
  const slow = { ...sine(0, 1000), rate: 1 };
  assertThrows(() => resampleSound(slow, 10_000_000), RangeError, "5000000000 samples are more than");
});

Deno.test("mixToMono() takes the mean of the channels", () => {
  const mixed = mixToMono({ samples: ndarray("float32", [2, 3], [1, 0, 0.5, -3, 0, 0]), rate: 100 });
  assertEquals([mixed.samples.shape, [...mixed.samples.data]], [[2, 1], [0.5, -1]]);
});

Deno.test("decodeSound() reads FLAC to the bit, and refuses what is cut off or promises too much", async () => {
  const whole = Array.from({ length: 700 }, (_, i) => Math.round(20000 * Math.sin(i / 5)));
  const file = makeFlac(whole);
  const { samples, rate } = await decodeSound(file, "a.wav");
  assertEquals([samples.shape, rate, [...samples.data]], [[700, 1], 16000, whole.map((s) => s / 32768)]);
  const cases: [Uint8Array, string][] = [
    [file.subarray(0, -200), "it promises 700 samples, and 512 can be read"],
    [file.subarray(0, 20), "it does not say what it holds"],
    [makeFlac(whole, { promised: 2 ** 36 - 1 }), "it claims 68719476735 samples of 1 channels"],
    [file.with(900, file[900] ^ 1), "it promises 700 samples"],
    [makeFlac([]), "no sound can be read from it"],
  ];
  for (const [bytes, reason] of cases) await assertRejects(() => decodeSound(bytes), FormatError, reason);
});

Deno.test("decodeSound() reads MP3", async () => {
  const { samples, rate } = await decodeSound(mp3Samples.tone, "a.wav");
  assertEquals([rate, samples.shape], [16000, [6336, 2]]);
  // 440 Hz, some 0.37 loud, behind the silence that an encoder puts before it.
  const middle = samples.data.filter((_, i) => i % 2 === 0).subarray(2000, 4000);
  const crossings = middle.filter((sample, i) => i > 0 && sample >= 0 && middle[i - 1] < 0).length;
  assert(Math.abs(crossings - 55) <= 1 && Math.abs(Math.max(...middle) - 0.366) < 0.02, `${crossings}`);
  await assertRejects(
    () => decodeSound(mp3Samples.tone.subarray(0, 60)),
    FormatError,
    "no sound can be read",
  );
});

Deno.test("decodeSound() goes by the first bytes, and refuses what is no sound", async () => {
  const wav = encodeWav(sine(100, 8000));
  assertEquals((await decodeSound(wav, "a.mp3")).samples.shape, [4000, 1]);
  await assertRejects(
    () => decodeSound(new Uint8Array(0), "a.wav"),
    FormatError,
    "Cannot read sound a.wav: it is empty",
  );
  const text = new TextEncoder().encode("no sound at all");
  await assertRejects(() => decodeSound(text), FormatError, "it starts like no WAV, FLAC or MP3 file");
});
