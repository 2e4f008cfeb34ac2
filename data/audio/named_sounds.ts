/** Sounds whose folders or names tell their classes, and who is heard. */
import type { NdArray } from "../../engine/array.ts";
import { DataError } from "../data_error.ts";
import type { FolderReadingOptions } from "../folder/class_folder.ts";
import { readClassFolder } from "../folder/class_folder.ts";
import { soundsOf } from "./audio_folder_reader.ts";
import { listSounds } from "./list_sounds.ts";
import type { NameOptions } from "./name_parts.ts";
import type { ReadSounds } from "./read_sounds.ts";
import { usualSound } from "./sound_lengths.ts";

/** How they are read. */
export interface NamedSoundsOptions extends NameOptions, FolderReadingOptions {
  /** How long clips are; when left out, as long as nearly all sounds are, up to {@linkcode LONGEST}. */
  readonly seconds?: number;
  /** Samples a second; when left out those of most sounds, 16,000 at most. */
  readonly rate?: number;
}

/** One of them: of which class it is, who is heard in it, and what is equal in equal files. */
export interface NamedSound {
  readonly label: number;
  readonly hash: string;
  readonly speaker?: string;
}

/** What was read. */
export interface NamedSounds extends ReadSounds {
  /** The clips, float32 `[sounds, samples]`. */
  readonly clips: NdArray<"float32">;
  /** What is known of each. */
  readonly sounds: readonly NamedSound[];
  /** How long a clip is. */
  readonly seconds: number;
  /** What was found in names, a line each. */
  readonly found: readonly string[];
}

/** Seconds of the longest clips that are made where nobody says how long. */
const [SHORTEST, LONGEST] = [0.3, 3];
const HIGHEST_RATE = 16_000;

/**
 * Reads all sounds of a folder as clips of one length and rate; what they are of is told by folders or by names, see
 * {@linkcode listSounds}.
 *
 * @throws {DataError} when there is no such folder, none of its files is a sound, all are silent, or there is but one class.
 */
export async function readNamedSounds(path: string, options: NamedSoundsOptions): Promise<NamedSounds> {
  const listed = await listSounds(path, options);
  const { classNames: [first, second] } = listed;
  const asked = options.seconds !== undefined && options.rate !== undefined;
  const usual = asked ? undefined : await usualSound(path, listed.files.map(({ file }) => file));
  const rate = options.rate ?? Math.min(HIGHEST_RATE, usual?.rate ?? HIGHEST_RATE);
  const fitting = Math.min(LONGEST, Math.max(SHORTEST, Math.ceil((usual?.seconds ?? 1) * 20) / 20));
  const seconds = options.seconds ?? fitting;
  const { kind, changes } = soundsOf(path, { seconds, rate, long: "start" });
  const folder = await readClassFolder(path, kind, options, listed);
  const { files, skipped } = folder;
  const [all] = folder.partsOf(files.map((_, i) => i), [["sounds", files.length]]);
  const clips = all.fields.sound.values as NdArray<"float32">;
  const { classNames } = folder;
  if (classNames.length < 2) {
    const lost = classNames[0] === first ? second : first;
    throw new DataError(
      path,
      `Cannot tell sounds apart in ${path}: those of ${classNames[0]} alone can be read, and none of ${lost}`,
    );
  }
  const lines = changes.lines();
  const silent = silentClips(clips);
  if (silent === files.length) {
    throw new DataError(path, `Cannot tell sounds apart in ${path}: all ${silent} are silent`);
  }
  if (silent > 0) {
    lines.push(`${silent} ${silent === 1 ? "sound" : "sounds"} silent throughout: kept as they are`);
  }
  const { data: labels } = all.fields.label.values;
  const sounds = files.map(({ file, hash }, i) => ({
    label: labels[i],
    hash,
    speaker: listed.speakers?.get(file),
  }));
  return { clips, sounds, classNames, skipped, changes: lines, rate, seconds, found: listed.found };
}

function silentClips({ data, shape: [count, length] }: NdArray): number {
  let silent = 0;
  for (let i = 0; i < count; i++) {
    if (data.subarray(i * length, (i + 1) * length).every((sample: number) => sample === 0)) silent++;
  }
  return silent;
}
