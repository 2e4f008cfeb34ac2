/** `generate music`: tunes, chord by chord, as MIDI, as sound and as a picture. */
import { temperatureOption } from "../options/temperature_option.ts";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { countSteps, rollOfNotes, SILENCE } from "../../data/music/piano_roll.ts";
import { choirRanges, voiceLeading } from "../../data/music/voice_leading.ts";
import { readBytes } from "../../data/storage/read_bytes.ts";
import { decodeMidi } from "../../formats/midi/midi_decoder.ts";
import { type Note, secondsAt } from "../../formats/midi/note.ts";
import type { Model } from "../../models/model.ts";
import { pathsRead } from "../data/paths_read.ts";
import { type MusicDescription, musicOf } from "./music_description.ts";
import type { Maker } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { chordsOfRoll, voicesByHeight } from "./chord_sets.ts";
import { drawPieces } from "./draw_pieces.ts";
import { BAR, tuneExtensions, tuneFiles, tuneOf } from "./tune_files.ts";

/** The most bars. */
const MOST_BARS = 512;

/** Makes music. */
export const musicMaker: Maker = {
  name: "music",
  summary: "Make a tune with a model that train music wrote: MIDI, a WAV to listen to and a picture of it.",
  extensions: tuneExtensions,
  options: [
    {
      name: "length",
      value: "BARS",
      help: `bars of ${BAR} beats, behind those of --prompt`,
      number: { whole: true, least: 1, most: MOST_BARS },
      default: 16,
    },
    {
      name: "prompt",
      value: "FILE",
      help: "a MIDI file that it begins with (add --allow-read=FILE if it is elsewhere)",
    },
    temperatureOption(1),
    {
      name: "top-p",
      value: "P",
      help: "of voices, draw among the likeliest pitches that have this probability together",
      number: { above: 0, most: 1 },
      default: 1,
    },
    {
      name: "tempo",
      value: "N",
      help: "beats a minute; as in the music that it was trained on when left out",
      number: { least: 4, most: 1000 },
    },
  ],
  needs: pathsRead("prompt"),
  make: async (model, values, { where }) => {
    const music = musicOf(model);
    if (!music || !model.inputs.before) {
      throw new UsageError(
        `Cannot make music with ${model.name}: it is no model of music, such as train music makes`,
      );
    }
    const prompt = values.text("prompt");
    const given = prompt === undefined ? undefined : await chordsIn(prompt, model, music);
    const bars = values.number("length")!;
    const steps = (given?.shape[1] ?? 0) + Math.max(1, Math.round(bars * BAR / music.step));
    const chords = await drawPieces(
      model,
      {
        steps,
        given,
        temperature: values.number("temperature")!,
        topP: values.number("top-p")!,
      },
      values.number("seed")!,
      where,
    );
    const [, , size] = chords.shape;
    const piece = ndarray(chords.dtype, [steps, size], chords.data);
    const tempo = values.number("tempo") ?? music.tempo;
    const tune = tuneOf(piece, music, tempo);
    const seconds = secondsAt(tune.tempos, steps * music.step);
    return {
      files: await tuneFiles(tune, `${model.name}, seed ${values.number("seed")}`),
      lines: [
        `${tune.notes.length} notes in ${steps} steps of ${music.step} ${
          music.step === 1 ? "beat" : "beats"
        }, ${seconds.toFixed(0)} s at ${tempo} beats a minute`,
        ...size === choirRanges.length && music.isChoir ? voiceLeading(piece).report : [],
      ],
    };
  },
};

/** The chords of a MIDI file as a model takes them, `[1, steps, ...]`. */
async function chordsIn(path: string, model: Model, { step }: MusicDescription): Promise<NdArray> {
  const { notes, voices } = decodeMidi(await readBytes(path), path);
  const pitched = notes.filter(({ voice }) => !voices[voice]?.isDrums);
  if (pitched.length === 0) throw new UsageError(`Cannot begin with ${path}: it has no notes`);
  const steps = countSteps(pitched, step);
  if (typeof steps === "string") throw new UsageError(`Cannot begin with ${path}: ${steps}`);
  const roll = rollOfNotes(pitched, { step, steps });
  const keys = roll.shape[1];
  const { dtype, shape: [, size] } = model.inputs.before;
  if (dtype === "float32") return ndarray("float32", [1, steps, keys], roll.data);
  const lines = voices.length === size && pitched.length === notes.length
    ? linesOf(notes, steps, size, step)
    : voicesByHeight(chordsOfRoll(roll), size);
  return ndarray("int32", [1, steps, size], lines.flat());
}

/** Where there are as many voices as the model has, each is one of them. */
function linesOf(notes: readonly Note[], steps: number, size: number, step: number): number[][] {
  const lines = Array.from(
    { length: size },
    (_, voice) => chordsOfRoll(rollOfNotes(notes.filter((note) => note.voice === voice), { step, steps })),
  );
  return Array.from({ length: steps }, (_, at) => lines.map((line) => line[at].at(-1) ?? SILENCE));
}
