/** Reads MIDI and ABC files as piano rolls. */
import { above, signalKind, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { takeTurn } from "../../engine/turn.ts";
import { abcNotes } from "../../formats/abc/abc_notes.ts";
import { abcValue, parseAbc } from "../../formats/abc/abc_tune.ts";
import { FormatError } from "../../formats/format_error.ts";
import { decodeMidi } from "../../formats/midi/midi_decoder.ts";
import type { Tune } from "../../formats/midi/note.ts";
import { DataError } from "../data_error.ts";
import { Dataset } from "../dataset.ts";
import { sha256 } from "../fingerprint.ts";
import { listFiles } from "../folder/list_files.ts";
import type { Skipped } from "../folder/skipped.ts";
import { isFolder, readBytes } from "../storage/read_bytes.ts";
import { decodeText } from "../text/text_encoding.ts";
import type { MusicFolder, MusicFolderOptions } from "./read_music.ts";
import { countSteps, LOWEST_KEY, PIANO_KEYS, rollOfNotes } from "./piano_roll.ts";
import { endsOf, type Piece, rollField } from "./pieces.ts";

/** With so many pieces, whole ones are kept apart. */
const ENOUGH = 10;

/** What `musicFolder` gives. */
export async function readMusicFolder(path: string, options: MusicFolderOptions): Promise<MusicFolder> {
  const attempt = `take the music in ${path}`;
  const { step, longest, signal } = readOptions(attempt, options, {
    step: optional(above(0), 1),
    longest: optional(whole(2), 256),
    signal: optional(signalKind),
  });
  const skipped: Skipped[] = [];
  const pieces: Piece[] = [];
  const fail = (reason: string): never => {
    throw new DataError(path, `Cannot ${attempt}: ${reason}`);
  };
  const isOne = !await isFolder(path, attempt);
  const files = isOne ? [path] : await listFiles(path, skipped);
  let found = 0;
  for (const file of files) {
    if (signal) await takeTurn(signal);
    for (const { name, tune } of await tunesIn(isOne ? path : `${path}/${file}`, file, skipped)) {
      const piece = pieceOf(tune, step);
      if (typeof piece === "string") {
        skipped.push({ file: name, reason: piece });
        continue;
      }
      const reason = piece.length < 2
        ? `${piece.length === 0 ? "no notes" : "one step"} of ${step} ${
          step === 1 ? "beat" : "beats"
        }, and two steps are needed`
        : undefined;
      if (reason) skipped.push({ file: name, reason });
      else found++;
      for (let at = 0; at + 1 < piece.length; at += longest) pieces.push(piece.slice(at, at + longest));
    }
  }
  if (pieces.length === 0) {
    const [first] = skipped;
    fail(
      first
        ? isOne ? first.reason : `none of its files can be used; ${first.file}: ${first.reason}`
        : "it is empty; MIDI and ABC files are read",
    );
  }
  const split = found >= ENOUGH && pieces.length >= ENOUGH ? await byHash(pieces) : inTime(pieces);
  if (Object.values(split).some((own) => own.length === 0)) {
    fail(`${pieces.flat().length} steps are too few to train on, to choose and to judge by`);
  }
  const steps = Math.max(...Object.values(split).flat().map((piece) => piece.length));
  const part = (own: readonly Piece[], name: string) =>
    new Dataset({
      name: `${path} ${name}`,
      fields: { ...rollField(own, steps), ...endsOf(own.map((piece) => piece.length), steps) },
    });
  const count = (own: readonly Piece[]) => `${own.length} parts of ${own.flat().length} steps`;
  return {
    train: part(split.train, "train"),
    validation: part(split.validation, "validation"),
    test: part(split.test, "test"),
    skipped,
    report: [
      `${found} piece${found === 1 ? "" : "s"} in steps of ${step} ${
        step === 1 ? "beat" : "beats"
      }, ${skipped.length} files or tunes left out`,
      `${count(split.train)} to train on, ${count(split.validation)} to choose by, ${
        count(split.test)
      } to judge by`,
    ],
  };
}

/** The tunes of a file; what is wrong with it, or with one of them, is added to `skipped`. */
async function tunesIn(
  path: string,
  file: string,
  skipped: Skipped[],
): Promise<{ name: string; tune: Tune }[]> {
  try {
    const bytes = await readBytes(path);
    if (new TextDecoder().decode(bytes.subarray(0, 4)) === "MThd") {
      return [{ name: file, tune: decodeMidi(bytes, file) }];
    }
    const tunes = parseAbc(decodeText(bytes, undefined).text);
    if (tunes.length === 0) {
      skipped.push({ file, reason: "it is no MIDI file, and holds no ABC tunes" });
      return [];
    }
    return tunes.flatMap((tune) => {
      const name = `${file} ${abcValue(tune, "T") ?? ""}`.trim();
      try {
        return [{ name, tune: abcNotes(tune) }];
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        skipped.push({ file: name, reason: error.message });
        return [];
      }
    });
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof DataError)) throw error;
    skipped.push({ file, reason: error.message });
    return [];
  }
}

/** What sounds at each step, from the first note on; without drums. Why there is no such piece, where it would be too long. */
function pieceOf({ notes, voices }: Tune, step: number): Piece | string {
  const pitched = notes.filter(({ voice }) => !voices[voice]?.isDrums);
  if (pitched.length === 0) return [];
  const steps = countSteps(pitched, step);
  if (typeof steps === "string") return steps;
  const roll = rollOfNotes(pitched, { step, steps });
  const piece = Array.from({ length: roll.shape[0] }, (_, at) => {
    const keys = roll.data.subarray(at * PIANO_KEYS, (at + 1) * PIANO_KEYS);
    return Array.from(keys.keys()).filter((key) => keys[key] > 0).map((key) => key + LOWEST_KEY);
  });
  return piece.slice(piece.findIndex((pitches) => pitches.length > 0));
}

interface Split {
  readonly train: readonly Piece[];
  readonly validation: readonly Piece[];
  readonly test: readonly Piece[];
}

/** Copies of a piece are in one part. */
async function byHash(pieces: readonly Piece[]): Promise<Split> {
  const hashes = await Promise.all(
    pieces.map((piece) => sha256(new TextEncoder().encode(JSON.stringify(piece)))),
  );
  const order = [...new Set(hashes)].sort();
  const tenth = Math.max(1, Math.round(order.length / 10));
  const kept = (from: number, to: number) => {
    const own = new Set(order.slice(from, to));
    return pieces.filter((_, i) => own.has(hashes[i]));
  };
  return { test: kept(0, tenth), validation: kept(tenth, 2 * tenth), train: kept(2 * tenth, order.length) };
}

/** The end of each piece is kept apart. */
function inTime(pieces: readonly Piece[]): Split {
  const part = (from: number, to: number) =>
    pieces.map((piece) => piece.slice(Math.round(from * piece.length), Math.round(to * piece.length)))
      .filter((piece) => piece.length >= 2);
  return { train: part(0, 0.8), validation: part(0.8, 0.9), test: part(0.9, 1) };
}
