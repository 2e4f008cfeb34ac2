/** Further trainings that only tell how good a training is: on other parts of the sounds, and without some of the speakers. */
import type { NdArray } from "../../engine/array.ts";
import type { NamedSound } from "../../data/audio/named_sounds.ts";
import type { Model } from "../../models/model.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { fit } from "../../training/fit/fit.ts";
import { percent } from "../number_text.ts";
import type { Host, Where } from "../recipe.ts";
import { bandsDataset, halvesOf } from "./listener.ts";
import type { ListeningPlan } from "./listening_plan.ts";
import { foldsByRecording, foldsBySpeaker, type SoundParts } from "./sound_parts.ts";

/** What is heard of all sounds, and how classifiers of them are made and trained. */
export interface Listening {
  readonly bands: NdArray<"float32">;
  readonly sounds: readonly NamedSound[];
  readonly classNames: readonly string[];
  readonly plan: ListeningPlan;
  makeModel(seed: number): Model;
}

/** What is asked for. */
interface Asked {
  /** How many times; when left out once without some of the speakers, if speakers are known. */
  readonly folds: number | undefined;
  readonly seed: number;
  readonly where: Where;
  readonly host: Host;
}

/** Without how many parts of the speakers there is one training, where not as many trainings as parts are asked for. */
const SPEAKER_PARTS = 5;

/** Figures in words and as numbers. */
export interface MoreFigures {
  readonly figures: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
}

/** Trains as often as is asked for, and says after each how it went. */
export async function crossValidate(listening: Listening, asked: Asked): Promise<MoreFigures> {
  const { sounds } = listening;
  const { folds, seed, host } = asked;
  const figures: string[] = [];
  const metrics: Record<string, number> = {};
  if (folds !== undefined) {
    const parts = foldsByRecording(sounds, folds, seed);
    const right = await rightOf(listening, parts, asked, "fold");
    metrics.foldsAccuracy = right;
    figures.push(`${percent(right)} by ${folds}-fold cross-validation`);
  }
  if (sounds.every(({ speaker }) => speaker !== undefined)) {
    const parts = foldsBySpeaker(sounds, folds ?? SPEAKER_PARTS, seed);
    if (!parts) {
      host.say("speakers", "some classes are those of a single speaker, so there is no training without one");
    } else {
      const judged = folds === undefined ? parts.slice(0, 1) : parts;
      const right = await rightOf(listening, judged, asked, "unheard");
      metrics.unheardSpeakersAccuracy = right;
      const who = folds === undefined ? ` (${speakersOf(sounds, judged[0].test)})` : "";
      figures.push(`${percent(right)} for speakers not heard in training${who}`);
    }
  }
  return { figures, metrics };
}

/** What part of the sounds that are kept back is right, over trainings on all other parts. */
async function rightOf(
  { bands, sounds, classNames, plan, makeModel }: Listening,
  parts: readonly SoundParts[],
  { seed, where: { device, signal }, host }: Asked,
  label: string,
): Promise<number> {
  let [right, all] = [0, 0];
  for (const [i, { train, test }] of parts.entries()) {
    const begin = performance.now();
    const { back } = halvesOf(makeModel(seed + i + 1));
    const of = (name: string, which: readonly number[]) =>
      bandsDataset(bands, sounds, classNames, { name, which });
    await fit(back, of("train", train), { ...plan.fit, device, signal, seed: (seed + i + 1) % 2 ** 32 });
    const { accuracy } = await evaluate(back, of("test", test), { device, signal });
    const seconds = Math.round((performance.now() - begin) / 1000);
    right += accuracy! * test.length;
    all += test.length;
    const who = label === "fold" ? "" : `, heard in none of the others: ${speakersOf(sounds, test)}`;
    host.say(
      label,
      `${i + 1} of ${parts.length}: ${percent(accuracy!)} of ${test.length} sounds${who}, ${seconds} s`,
    );
  }
  return right / all;
}

const MOST_NAMED = 6;

function speakersOf(sounds: readonly NamedSound[], which: readonly number[]): string {
  const names = [...new Set(which.map((i) => sounds[i].speaker!))].sort();
  return names.length <= MOST_NAMED ? names.join(", ") : `${names.length} of them`;
}
