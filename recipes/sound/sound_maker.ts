/** `generate sound`: what a network that has heard sounds makes of their kinds. */
import { temperatureOption } from "../options/temperature_option.ts";
import { program } from "../../devices/program.ts";
import { ndarray } from "../../engine/array.ts";
import { spectrogramPicture } from "../../formats/drawing/spectrogram.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import type { Sound } from "../../formats/sound/sound.ts";
import { encodeWav } from "../../formats/wav/wav_encoder.ts";
import { magnitude, stft } from "../../ops/mod.ts";
import type { Maker, Where } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { makeSounds } from "./make_sounds.ts";
import { clipOf } from "./sound_files.ts";

/** The most sounds at a time. */
const MOST = 1000;

/** Makes sounds as WAV files, each with a picture beside it. */
export const soundMaker: Maker = {
  name: "sound",
  summary: "Make sounds with a model of train sound, as WAV files with their spectrograms.",
  extensions: [".wav", ".png"],
  options: [
    { name: "class", value: "NAME", help: "which kind of sound; each in turn when left out" },
    {
      name: "count",
      value: "N",
      help: "how many; one, or one of each kind, when left out",
      number: { whole: true, least: 1, most: MOST },
    },
    temperatureOption(0.4),
  ],
  make: async (model, values, { where }) => {
    const { rate, classes } = model.info.sound ?? {};
    if (rate === undefined || !classes || !model.inputs.like) {
      throw new UsageError(`Cannot make sounds with ${model.name}: it is no model of train sound`);
    }
    const name = values.text("class");
    const only = name === undefined ? undefined : classes.indexOf(name);
    if (only === -1) {
      throw new UsageError(`Cannot make the sound "${name}": the model knows ${classes.join(", ")}`);
    }
    const count = values.number("count") ?? (only === undefined ? classes.length : 1);
    const kinds = Array.from({ length: count }, (_, i) => only ?? i % classes.length);
    const seed = values.number("seed")!;
    const clips = await makeSounds(model, { kinds, temperature: values.number("temperature")!, seed }, where);
    const files: Record<string, Uint8Array> = {};
    for (const [i, kind] of kinds.entries()) {
      const sound = clipOf(clips, i, rate);
      const ending = count === 1 ? "" : `-${i + 1}`;
      files[`${ending}.wav`] = encodeWav(sound);
      files[`${ending}.png`] = await pictureOf(sound, classes[kind], where);
    }
    const made = [...new Set(kinds)].map((kind) =>
      `${kinds.filter((other) => other === kind).length} ${classes[kind]}`
    );
    return { files, lines: [`made ${made.join(", ")}`] };
  },
};

/** A PNG file with a sound's frequencies. */
async function pictureOf(
  { samples, rate }: Sound,
  title: string,
  { device, signal }: Where,
): Promise<Uint8Array> {
  const [size, hop] = [512, 64];
  const [length] = samples.shape;
  const hear = await program((_, { x }) => ({ outputs: { magnitudes: magnitude(stft(x, { size, hop })) } }), {
    device,
    inputs: { x: { dtype: "float32", shape: [length] } },
    signal,
  });
  try {
    const { magnitudes } = await hear.call({ x: ndarray("float32", [length], samples.data).data });
    return await encodePng(spectrogramPicture({ magnitudes, rate, hop, title, range: 70 }));
  } finally {
    hear.close();
  }
}
