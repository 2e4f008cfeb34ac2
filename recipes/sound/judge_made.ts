/** How made sounds do: what a classifier of recorded ones hears in them, how far they are from those, and from each other. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { NamedSound } from "../../data/audio/named_sounds.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { encodeWav } from "../../formats/wav/wav_encoder.ts";
import { audioClassifier } from "../../models/audio_classifier.ts";
import type { Model } from "../../models/model.ts";
import { fit } from "../../training/fit/fit.ts";
import { predict } from "../../training/fit/predict.ts";
import { largestOf } from "../classification/class_table.ts";
import { percent } from "../number_text.ts";
import type { Host, Score, Where } from "../recipe.ts";
import { bandsDataset, halvesOf, heardBands } from "./listener.ts";
import { listeningPlan } from "./listening_plan.ts";
import { madeSheet } from "./made_sheet.ts";
import { makeSounds } from "./make_sounds.ts";
import { distances, meanOf } from "./sound_distances.ts";
import { oneAfterAnother } from "./sound_files.ts";
import type { LoadedSounds } from "./sound_folders.ts";
import { framesOfClips } from "./sound_frames.ts";

/** How many sounds are made to judge by, at least; as many of each class. */
const MADE = 50;
const TEMPERATURE = 0.4;

/** A score, and what there is to hear and to see. */
export interface MadeScore extends Score {
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Makes sounds of all classes in turn, and compares them with those that were recorded. */
export async function judgeMade(
  model: Model,
  recorded: LoadedSounds,
  { seed, where, host }: { seed: number; where: Where; host: Host },
): Promise<MadeScore> {
  const { clips, sounds, classNames, rate } = recorded;
  const each = Math.ceil(MADE / classNames.length);
  const kinds = Array.from({ length: each * classNames.length }, (_, i) => i % classNames.length);
  host.say("making", `${kinds.length} sounds, and a classifier of the recorded ones that hears them`);
  const made = await makeSounds(model, { kinds, temperature: TEMPERATURE, seed }, where);
  const guesses = await heardAs(made, recorded, { seed, where });
  const own = await framesOfClips(clips, rate, where);
  const frames = await framesOfClips(sameLength(made, clips.shape[1]), rate, where);
  const labels = sounds.map(({ label }) => label);
  const rows = classNames.map((name, kind) => {
    const asked = kinds.flatMap((k, i) => k === kind ? [i] : []);
    const right = asked.filter((i) => guesses[i] === kind).length;
    const real = labels.flatMap((label, i) => label === kind ? [i] : []);
    const toReal = distances(frames, asked, own, real).map((row) => Math.min(...row));
    const amongReal = distances(own, real, own, real).map((row, i) =>
      Math.min(...row.filter((_, j) => j !== i))
    );
    const among = distances(frames, asked, frames, asked).flatMap((row, i) => row.filter((_, j) => j > i));
    const apart = distances(own, real, own, real).flatMap((row, i) => row.filter((_, j) => j > i));
    return {
      name,
      right,
      asked,
      figures: [toReal, amongReal, among, apart].map(meanOf),
      closest: Math.min(...toReal),
    };
  });
  const right = kinds.filter((kind, i) => guesses[i] === kind).length / kinds.length;
  const decibels = (value: number) => Number.isFinite(value) ? `${value.toFixed(1)} dB` : "-";
  const overall = (i: number) => meanOf(rows.map(({ figures }) => figures[i]).filter(Number.isFinite));
  return {
    table: [
      [
        "class",
        "heard as asked",
        "to the nearest recorded",
        "recorded to nearest",
        "made apart",
        "recorded apart",
      ],
      ...rows.map(({ name, right, asked, figures }) => [
        name,
        percent(right / asked.length),
        ...figures.map(decibels),
      ]),
    ],
    headline: `${percent(right)} of ${kinds.length} made sounds are heard as what was asked for`,
    detail: `made sounds are ${decibels(overall(0))} from the nearest recorded one, the closest ${
      decibels(Math.min(...rows.map(({ closest }) => closest)))
    }; recorded ones ${decibels(overall(1))}`,
    metrics: { heardAsAsked: right, toNearest: overall(0), madeApart: overall(2) },
    files: {
      "made.wav": encodeWav(oneAfterAnother(made, rate)),
      "made.png": await encodePng(madeSheet({ own, labels, frames, kinds, guesses, classNames })),
    },
  };
}

/** What a classifier that is trained on all recorded sounds hears in others. */
async function heardAs(
  made: NdArray<"float32">,
  { clips, sounds, classNames, rate }: LoadedSounds,
  { seed, where: { device, signal } }: { seed: number; where: Where },
): Promise<number[]> {
  const length = clips.shape[1];
  const halves = halvesOf(audioClassifier({ length, rate, classes: classNames.length, seed }));
  const bands = await heardBands(halves, clips, { device, signal });
  const all = bandsDataset(bands, sounds as readonly NamedSound[], classNames, {
    name: "recorded sounds",
    which: [...sounds.keys()],
  });
  const plan = listeningPlan(sounds.length, { batchSize: 16, learningRate: 0.003, precision: "float32" });
  await fit(halves.back, all, { ...plan.fit, device, signal, seed });
  const heard = await heardBands(halves, sameLength(made, length), { device, signal });
  return largestOf(await predict(halves.back, heard, { device, signal }));
}

/** Clips with silence behind, or cut. */
function sameLength(clips: NdArray<"float32">, length: number): NdArray<"float32"> {
  const [count, own] = clips.shape;
  if (own === length) return clips;
  const samples = new Float32Array(count * length);
  for (let i = 0; i < count; i++) {
    samples.set(clips.data.subarray(i * own, i * own + Math.min(own, length)), i * length);
  }
  return ndarray("float32", [count, length], samples);
}
