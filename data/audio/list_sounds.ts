/** The sound files of a folder, wherever in it they lie, with their classes and speakers. */
import { DataError } from "../data_error.ts";
import type { ClassFiles } from "../folder/class_files.ts";
import { entriesOf, realFolder } from "../folder/folder_entries.ts";
import type { Skipped } from "../folder/skipped.ts";
import { type NameOptions, readNames } from "./name_parts.ts";

/** Sound files as they are listed. */
export interface ListedSounds extends ClassFiles {
  /** The speaker of each file; none where nothing tells. */
  readonly speakers: ReadonlyMap<string, string> | undefined;
  /** What names tell, a line each. */
  readonly found: readonly string[];
}

/** How deep folders within the folder are looked into: a class, a speaker. */
const DEPTH = 2;
const SOUND = /\.(wave?|flac|mp3)$/i;

/**
 * Lists the sounds of a folder, two folders deep, and finds out which class each is of and who is heard in it. Hidden files are
 * passed over; files that are called like no sound are named in `skipped`.
 *
 * @throws {DataError} when there is no such folder, or no sound in it, or nothing tells classes apart.
 */
export async function listSounds(path: string, options: NameOptions): Promise<ListedSounds> {
  const attempt = `Cannot take the sounds in ${path}`;
  const root = await realFolder(path, attempt);
  const skipped: Skipped[] = [];
  const all = await filesIn(root, "", DEPTH, skipped);
  const sounds = all.filter((file) => SOUND.test(file));
  for (const file of all) {
    if (!SOUND.test(file)) skipped.push({ file, reason: "it is called like no WAV, FLAC or MP3 file" });
  }
  // What lies beside folders of classes is of none of them.
  const isInFolder = (file: string) => file.includes("/");
  const files = sounds.some(isInFolder) ? sounds.filter(isInFolder) : sounds;
  skipped.push(
    ...sounds.filter((file) => !files.includes(file)).map((file) => ({
      file,
      reason: "it is in no folder of a class",
    })),
  );
  if (files.length === 0) {
    const why = skipped.length > 0 ? `; ${skipped[0].file}: ${skipped[0].reason}` : "";
    throw new DataError(
      path,
      `${attempt}: there are none; classes are folders of WAV, FLAC or MP3 files${why}`,
    );
  }
  const { labels, speakers, found } = readNames(files, options);
  const classNames = [...new Set(labels)].sort();
  if (!labels || classNames.length < 2) {
    const only = labels
      ? `all of them are of one class, ${classNames[0]}`
      : "neither folders nor names tell their classes";
    throw new DataError(
      path,
      `Cannot tell sounds apart in ${path}: ${only}; a class is a folder of sounds, or the beginning of their names, as in ` +
        "kick_1.wav and snare_1.wav",
    );
  }
  const places = new Map(classNames.map((name, i) => [name, i]));
  const listed = files.map((file, i) => ({ file, label: places.get(labels[i])! }));
  return {
    classNames,
    files: listed.sort((a, b) => a.label - b.label),
    skipped,
    speakers: speakers && new Map(files.map((file, i) => [file, speakers[i]])),
    found,
  };
}

async function filesIn(root: string, folder: string, depth: number, skipped: Skipped[]): Promise<string[]> {
  const files: string[] = [];
  for (const { name, isFolder } of await entriesOf(root, `${root}/${folder}`, folder, skipped)) {
    if (!isFolder) files.push(folder + name);
    else if (depth > 0) files.push(...await filesIn(root, `${folder}${name}/`, depth - 1, skipped));
    else skipped.push({ file: folder + name, reason: "folders so deep are not looked into" });
  }
  return files;
}
