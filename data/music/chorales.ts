/** Chorales in four voices, as piano rolls and as voices. */
import { needFiles } from "../../engine/file_access.ts";
import type { TrainValidationTest } from "./three_parts.ts";

/**
 * Chorales as piano rolls, with the split that published figures are of: field `roll` is `uint8` `[N, steps, 88]`, 1 where a key is
 * down, as numbers 0 and 1; pieces that are shorter than the longest of all end in zeros. `length` `[N]` is how many steps
 * each has, and `mask` `[N, steps]` is 1 there and 0 behind. Column 0 is MIDI pitch 21.
 *
 * @param path A JSON file, which may be a gzip file, of `{ train, valid, test }`: lists of pieces, which are lists of steps, which
 * are lists of MIDI pitches; or a folder with a file `pianoroll-quarter.json` or `pianoroll-quarter.json.gz`.
 * @throws {DataError} when there is no such file, or it holds something else.
 *
 * @example
 * ```ts ignore
 * import { chorales } from "@gesso/gesso";
 *
 * const { train, test } = await chorales("jsb-chorales");
 * console.log(train.length, train.types.roll); // 229 { dtype: "float32", shape: [160, 88] }
 * ```
 */
export async function chorales(path: string): Promise<TrainValidationTest> {
  needFiles("read chorales", "a Dataset takes arrays from anywhere");
  const { readRolls } = await import("./chorale_files.ts"); // most programs read none
  return await readRolls(path);
}

/**
 * Chorales as voices: field `voices` is `uint8` `[N, steps, 4]`, the MIDI pitches of soprano, alto, tenor and bass, 128 where a voice
 * is silent and behind a piece's end; as `int32` tokens. `length` and `mask` are as {@linkcode chorales} gives them.
 *
 * @param path A JSON file, which may be a gzip file, of `{ train, valid, test }`: lists of pieces, which are lists of steps, which
 * are lists of four MIDI pitches, -1 for silence; or a folder with a file `satb-16th.json` or `satb-16th.json.gz`.
 * @throws {DataError} when there is no such file, or it holds something else.
 */
export async function choraleVoices(path: string): Promise<TrainValidationTest> {
  needFiles("read chorales", "a Dataset takes arrays from anywhere");
  const { readVoices } = await import("./chorale_files.ts");
  return await readVoices(path);
}
