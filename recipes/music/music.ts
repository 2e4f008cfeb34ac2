/** `train music --data PATH`: chorales, or MIDI and ABC files of one's own, chord by chord. */
import { ndarray } from "../../engine/array.ts";
import { chordRnn } from "../../models/chord_rnn.ts";
import type { Model } from "../../models/model.ts";
import { bestWeights } from "../../training/callbacks/best_weights.ts";
import { earlyStopping } from "../../training/callbacks/early_stopping.ts";
import type { History } from "../../training/loop/history.ts";
import { train } from "../../training/loop/train.ts";
import { adam } from "../../training/optimizers/optimizers.ts";
import { cosineDecay } from "../../training/optimizers/schedules.ts";
import { parameters } from "../../training/step/parameters.ts";
import { keepDetails } from "../kept_details.ts";
import { lossCurve } from "../loss_curve.ts";
import type { OptionReader } from "../options/option_spec.ts";
import type { Host, Recipe, Report, Task, Where } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { chordsOfRoll, chordsOfVoices, type Head, type Piece } from "./chord_sets.ts";
import { chordStep } from "./chord_step.ts";
import { drawPieces } from "./draw_pieces.ts";
import { loadMusic, type Music, musicNeeds, musicOptions } from "./music_data.ts";
import { type MusicDescription, musicOf } from "./music_description.ts";
import { musicFigures } from "./music_figures.ts";
import { musicMaker } from "./music_maker.ts";
import { networkOptions } from "./music_options.ts";
import { musicPreviews } from "./music_previews.ts";
import { musicScore } from "./music_score.ts";
import { BAR, tuneExtensions, tuneFiles, tuneOf } from "./tune_files.ts";

/** Bars of the tune in the report. */
const TUNE_BARS = 16;

/** Pieces of so many steps that figures are made of. */
const [FIGURE_PIECES, FIGURE_STEPS] = [32, 64];

/** How much of the moving average of weights stays at each step. */
const AVERAGE = 0.99;

/** Epochs without a better validation that end a training. */
const PATIENCE = 15;

/** Beats a minute: of chorales, as they are sung; of other music, as MIDI files have it where they do not say. */
const [CHORALE_TEMPO, USUAL_TEMPO] = [76, 120];

/** A model of chords for any music. */
export const musicRecipe: Recipe = {
  name: "music",
  summary:
    "Train a network on chorales, or on MIDI and ABC files of your own; generate music makes tunes with it.",
  examples: "pieces",
  dataOptions: musicOptions,
  options: networkOptions,
  needs: musicNeeds,
  begin: async (values, host) => {
    const head = values.text("head") as Head;
    const step = values.number("step")!;
    if (head === "voices" && values.has("recall")) {
      throw new UsageError("Cannot train music with --recall and voices: add --head keys");
    }
    const music = await loadMusic(values.text("data")!, {
      head,
      step,
      voices: values.number("voices"),
      moves: values.number("transpose"),
    }, host);
    const model = modelFor(music, head, values);
    const tempo = music.isChoir || music.name === "chorales" ? CHORALE_TEMPO : USUAL_TEMPO;
    model.info = {
      dataset: music.name,
      seed: values.number("seed")!,
    };
    keepDetails(model, "music", { step, tempo, isChoir: music.isChoir } satisfies MusicDescription);
    return musicTask(music, model, values, host);
  },
  judge: async (model, values, host) => {
    const path = values.text("data");
    const known = musicOf(model);
    const { before } = model.inputs;
    if (path === undefined || !known || !before) {
      throw new UsageError(
        `Cannot judge ${model.name} without music: name a file or a folder with --data PATH`,
      );
    }
    const head = before.dtype === "float32" ? "keys" : "voices";
    const voices = head === "voices" ? before.shape[1] : undefined;
    const { test } = await loadMusic(path, { head, step: known.step, voices, moves: 0 }, host);
    return (where) => musicScore(model, { test }, where);
  },
  maker: musicMaker,
};

const modelFor = ({ voices, train }: Music, head: Head, values: OptionReader): Model =>
  chordRnn({
    length: train.types.chords.shape[0],
    head,
    ...head === "voices" && { voices },
    cell: values.text("cell") as "rnn" | "gru" | "lstm",
    units: values.number("units")!,
    layers: values.number("layers")!,
    convolutions: values.number("convolutions")!,
    dropout: values.number("dropout")!,
    recall: values.has("recall"),
    members: values.number("members")!,
    recurrentDropout: values.number("recurrent-dropout")!,
    seed: values.number("seed")!,
  });

function musicTask(music: Music, model: Model, values: OptionReader, host: Host): Task {
  const optimizer = adam(cosineDecay(values.number("learning-rate")!));
  const set = parameters(model, { optimizer, clipNorm: 1, average: AVERAGE });
  const [batchSize, seed] = [values.number("batch-size")!, values.number("seed")!];
  return {
    name: `${model.name.replaceAll(" ", "-")}-${music.name}`,
    settled: {},
    model,
    method: `${optimizer.description}, average ${AVERAGE}, the best epoch kept` +
      (music.moves > 0 ? `, moved by up to ${music.moves} semitones` : ""),
    batchSize,
    seed,
    train: ({ callbacks, ...where }) =>
      train(chordStep(set, { moves: music.moves > 0 }), music.train, {
        ...where,
        epochs: values.number("epochs")!,
        batchSize: Math.min(batchSize, music.train.length),
        seed,
        validation: music.validation,
        callbacks: [
          bestWeights({ monitor: "validationLoss" }),
          earlyStopping({ monitor: "validationLoss", patience: PATIENCE }),
          ...callbacks,
          musicPreviews(model, seed, host),
        ],
      }),
    report: (where) => reportOf(music, model, seed, where),
  };
}

async function reportOf(
  music: Music,
  model: Model,
  seed: number,
  { device, signal, history }: Where & { readonly history: History },
): Promise<Report> {
  const where = { device, signal };
  const description = musicOf(model)!;
  const { train, validation, test } = music;
  const score = await musicScore(model, { train, validation, test }, where);
  model.info = { ...model.info, metrics: score.metrics };
  const steps = Math.max(2, Math.round(TUNE_BARS * BAR / description.step));
  const chords = await drawPieces(model, { steps }, seed, where);
  const tune = tuneOf(
    ndarray(chords.dtype, chords.shape.slice(1), chords.data),
    description,
    description.tempo,
  );
  const files = await tuneFiles(tune, `${model.name}, seed ${seed}`);
  return {
    ...score,
    files: {
      ...Object.fromEntries(tuneExtensions.map((ending) => [`tune${ending}`, files[ending]])),
      "figures.txt": new TextEncoder().encode(await figuresOf(music, model, seed, where)),
    },
    curve: lossCurve(`${model.name} on ${music.name}, nats a step, epoch by epoch`, history),
  };
}

/** What it makes beside the music that it is judged by, as a table of text. */
async function figuresOf(music: Music, model: Model, seed: number, where: Where): Promise<string> {
  const made = await drawPieces(model, { pieces: FIGURE_PIECES, steps: FIGURE_STEPS }, seed, where);
  const [pieces, steps, size] = made.shape;
  const drawn = Array.from({ length: pieces }, (_, piece): Piece => {
    const own = made.data.slice(piece * steps * size, (piece + 1) * steps * size);
    const array = ndarray(made.dtype, [steps, size], own);
    return music.voices > 0 ? chordsOfVoices(array) : chordsOfRoll(array);
  });
  const isChoir = music.isChoir && music.voices > 0;
  const [own, real] = [drawn, music.pieces.test].map((of) => musicFigures(of, music.pieces.train, isChoir));
  const wide = Math.max(...own.map(([what]) => what.length));
  const rows = own.map(([what, value], i) =>
    `${what.padEnd(wide)}  ${value.padStart(8)}  ${real[i][1].padStart(8)}`
  );
  return [`${"".padEnd(wide)}  ${"made".padStart(8)}  ${"test".padStart(8)}`, ...rows, ""].join("\n");
}
