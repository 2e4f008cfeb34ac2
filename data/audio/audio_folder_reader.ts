/** Reads a folder of sounds. */
import { above, functionKind, numberThat, oneOf, signalKind, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions, required, type Values } from "../../engine/options.ts";
import { HIGHEST_RATE } from "../../formats/sound/sound.ts";
import { type FolderKind, readClassFolder, trainAndTest } from "../folder/class_folder.ts";
import type { AllSounds, AudioFolder, AudioFolderOptions } from "./read_sounds.ts";
import { clipsIn, soundFile } from "./clips.ts";
import type { SoundForm } from "./sound_form.ts";
import { SoundChanges } from "./sound_changes.ts";

const options = {
  seconds: required(above(0)),
  rate: optional(whole(1, HIGHEST_RATE), 16_000),
  long: optional(oneOf(["start", "middle", "windows"]), "start"),
  onProgress: optional(functionKind<NonNullable<AudioFolderOptions["onProgress"]>>()),
  signal: optional(signalKind),
};
const splitOptions = {
  validation: optional(numberThat("above 0 and below 1", (value) => value > 0 && value < 1), 0.2),
  group: optional(functionKind<NonNullable<AudioFolderOptions["group"]>>()),
};

const attemptOf = (path: string) => `take the sounds in ${path}`;

/** What `audioFolder` gives. */
export async function readFolder(path: string, given: AudioFolderOptions): Promise<AudioFolder> {
  const { validation, group, ...read } = readOptions(attemptOf(path), given, { ...options, ...splitOptions });
  const { kind, changes } = soundsOf(path, read, group);
  const folder = await readClassFolder(path, kind, read);
  const { classNames, skipped } = folder;
  const parts = trainAndTest(path, kind, folder, validation);
  return { ...parts, classNames, skipped, changes: changes.lines(), rate: read.rate };
}

/** What `allSounds` gives. */
export async function readWholeFolder(
  path: string,
  given: Omit<AudioFolderOptions, "validation" | "group">,
): Promise<AllSounds> {
  const read = readOptions(attemptOf(path), given, options);
  const { kind, changes } = soundsOf(path, read);
  const { files, partsOf, classNames, skipped } = await readClassFolder(path, kind, read);
  const [all] = partsOf(files.map((_, i) => i), [["sounds", files.length]]);
  return { all, classNames, skipped, changes: changes.lines(), rate: read.rate };
}

/** How sounds of a folder are read, and where it is counted what is done to them. */
export function soundsOf(
  path: string,
  { seconds, rate, long }: Pick<Values<typeof options>, "seconds" | "rate" | "long">,
  groupOf?: (file: string) => string,
): { kind: FolderKind; changes: SoundChanges } {
  const length = Math.round(seconds * rate);
  if (length < 1) {
    throw new RangeError(
      `Cannot ${attemptOf(path)} with seconds ${seconds} at ${rate} Hz: that is no sample`,
    );
  }
  const form: SoundForm = { rate, length, long };
  const changes = new SoundChanges(form);
  const kind: FolderKind = {
    what: "sounds",
    one: "sound",
    field: "sound",
    dtype: "float32",
    shape: [length],
    files: soundFile,
    examplesIn: (bytes, file) => clipsIn(bytes, file, form, changes),
    groupOf,
  };
  return { kind, changes };
}
