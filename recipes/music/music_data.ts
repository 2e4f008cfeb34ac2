/** The music that is trained on: chorales, or MIDI and ABC files of one's own. */
import type { TrainValidationTest } from "../../data/music/three_parts.ts";
import { chorales, choraleVoices } from "../../data/music/chorales.ts";
import { musicFolder } from "../../data/music/music_folder.ts";
import type { Dataset } from "../../data/dataset.ts";
import { nameOfFile } from "../data/name_of_path.ts";
import { saySkipped } from "../data/say_skipped.ts";
import { pathsRead } from "../data/paths_read.ts";
import { count } from "../number_text.ts";
import type { OptionSpec } from "../options/option_spec.ts";
import type { Host } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import {
  chordSets,
  type Head,
  type Piece,
  type Pieces,
  piecesOf,
  voicesByHeight,
  voicesNeeded,
} from "./chord_sets.ts";

/** Steps of a beat in files of chorales' voices. */
const VOICE_STEPS = 4;

/** How far pieces are moved while they are trained on, where they are not all in one key. */
const USUAL_MOVES = 5;

/** The option that chooses it. */
export const musicOptions: readonly OptionSpec[] = [
  {
    name: "data",
    value: "PATH",
    help:
      "chorales as JSON, or MIDI and ABC files: a file or a folder (add --allow-read=PATH if it is elsewhere)",
    isRequired: true,
  },
];

/** What loading it needs. */
export const musicNeeds = pathsRead("data");

/** How music is taken. */
export interface MusicPlan {
  readonly head: Head;
  /** Beats of a step. */
  readonly step: number;
  /** By how many semitones at most pieces are moved; as is best for the data when left out. */
  readonly moves?: number;
  /** How many voices there are; as many as needed when left out. */
  readonly voices?: number;
}

/** Music as a model of chords is trained on it. */
export interface Music extends TrainValidationTest {
  readonly name: string;
  /** The same as chords. */
  readonly pieces: Pieces;
  /** Whether it is for a choir of four voices. */
  readonly isChoir: boolean;
  /** How many voices there are; of keys, 0. */
  readonly voices: number;
  /** By how many semitones at most pieces are moved. */
  readonly moves: number;
}

/** Loads it, and says what there is. */
export async function loadMusic(path: string, plan: MusicPlan, host: Host): Promise<Music> {
  const kind = await kindOf(path);
  const found = kind === "files" ? await ownMusic(path, plan, host) : await choralesOf(path, kind, plan);
  const { name, isChoir, isOneKey } = found;
  const short = (Object.keys(found.pieces) as (keyof Pieces)[]).find((part) =>
    found.pieces[part].length === 0
  );
  if (short) {
    throw new UsageError(
      `Cannot train on the music in ${path} in steps of ${plan.step} beats: no ${short} piece has two of them`,
    );
  }
  const isFixed = isChoir && plan.head === "voices";
  const voices = plan.head === "keys" ? 0 : isFixed ? 4 : plan.voices ?? voicesNeeded(found.pieces.train);
  if (isFixed && (plan.voices ?? 4) !== 4) {
    throw new UsageError(`Cannot take ${plan.voices} voices of ${path}: chorales have 4`);
  }
  const pieces = plan.head === "keys" || isFixed
    ? found.pieces
    : each(found.pieces, (piece) => voicesByHeight(piece, voices));
  const moves = plan.moves ?? (isOneKey ? 0 : USUAL_MOVES);
  const sets = chordSets(name, pieces, plan.head, moves);
  const said = (Object.entries(pieces) as [keyof Pieces, Piece[]][]).map(([part, own]) =>
    `${count(own.length)} ${part === "train" ? "training" : part} (${count(own.flat().length)} steps)`
  );
  host.say("data", `${name}: pieces ${said.join(", ")}`);
  return { ...sets, name, pieces, isChoir, moves, voices };
}

type Kind = "rolls" | "voices" | "both" | "files";

/** What lies there. */
async function kindOf(path: string): Promise<Kind> {
  const isJson = (name: string) => /\.json(\.gz)?$/i.test(name);
  const folder = await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
  if (!folder) return isJson(path) ? /satb|voice/i.test(path) ? "voices" : "rolls" : "files";
  const names = [...Deno.readDirSync(path)].map(({ name }) => name);
  const has = (stem: string) => names.some((name) => isJson(name) && name.startsWith(stem));
  const [rolls, voices] = [has("pianoroll-quarter."), has("satb-16th.")];
  return rolls ? voices ? "both" : "rolls" : voices ? "voices" : "files";
}

interface Found {
  readonly name: string;
  readonly pieces: Pieces;
  readonly isChoir: boolean;
  /** Whether all pieces were brought to one key already. */
  readonly isOneKey: boolean;
}

/** Published piano rolls have quarter notes, all in one key; voices have sixteenths, as they were sung. */
async function choralesOf(
  path: string,
  kind: Exclude<Kind, "files">,
  { head, step }: MusicPlan,
): Promise<Found> {
  const usesVoices = kind === "voices" || kind === "both" && (head === "voices" || step !== 1);
  const own = usesVoices ? 1 / VOICE_STEPS : 1;
  const stride = step / own;
  if (!Number.isInteger(stride)) {
    throw new UsageError(
      `Cannot take chorales in ${path} in steps of ${step} beats: it takes ${own} or a multiple of it`,
    );
  }
  const sets = await (usesVoices ? choraleVoices : chorales)(path);
  const all = piecesIn(sets);
  const pieces = each(all, (piece) => piece.filter((_, at) => at % stride === 0));
  // What has one step has nothing that comes after another.
  const long = (own: readonly Piece[]) => own.filter((piece) => piece.length > 1);
  const sung = usesVoices && head === "keys"
    ? each(pieces, (piece) => piece.map((chord) => chord.filter(isSung)))
    : pieces;
  return {
    name: "chorales",
    pieces: { train: long(sung.train), validation: long(sung.validation), test: long(sung.test) },
    isChoir: usesVoices,
    isOneKey: !usesVoices,
  };
}

const isSung = (pitch: number) => pitch < 128;

async function ownMusic(path: string, { step }: MusicPlan, host: Host): Promise<Found> {
  const found = await musicFolder(path, { step, signal: host.signal });
  const { skipped, report } = found;
  saySkipped(path, skipped, host);
  host.say("music", report[0]);
  return { name: nameOfFile(path, "music"), pieces: piecesIn(found), isChoir: false, isOneKey: false };
}

const piecesIn = (sets: TrainValidationTest): Pieces => {
  const of = (set: Dataset) => piecesOf(set);
  return { train: of(sets.train), validation: of(sets.validation), test: of(sets.test) };
};

const each = (pieces: Pieces, change: (piece: Piece) => Piece): Pieces => ({
  train: pieces.train.map(change),
  validation: pieces.validation.map(change),
  test: pieces.test.map(change),
});
