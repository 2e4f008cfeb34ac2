/** Music of one's own, in MIDI and ABC files. */
import { needFiles } from "../../engine/file_access.ts";
import type { MusicFolder, MusicFolderOptions } from "./read_music.ts";

/**
 * The music in MIDI and ABC files, a file or all in a folder and its folders, as piano rolls: fields `roll`, `length` and `mask` as
 * {@linkcode chorales} gives them. Drums are left out, and so are pieces shorter than two steps. A tenth of the pieces is to choose
 * by, a tenth to judge by, as hashes of what is in them decide; where there are fewer than ten pieces, the last two tenths of each.
 *
 * @throws {DataError} when there is no such file or folder, or no music in it that can be used.
 *
 * @example
 * ```ts ignore
 * import { data } from "@gesso/gesso";
 *
 * const { train, report } = await data.musicFolder("songs", { step: 0.25 }); // sixteenths
 * console.log(report.join("\n"), train.types.roll);
 * ```
 */
export async function musicFolder(path: string, options: MusicFolderOptions = {}): Promise<MusicFolder> {
  needFiles("read music", "a Dataset takes arrays from anywhere");
  const { readMusicFolder } = await import("./music_files.ts"); // most programs read none
  return await readMusicFolder(path, options);
}
