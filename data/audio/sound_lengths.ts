/** How long the sounds of a folder are, and at which rate, before they are read. */
import { FormatError } from "../../formats/format_error.ts";
import { decodeSound } from "../../formats/sound/decode_sound.ts";
import { readFile } from "../folder/read_file.ts";
import { soundFile } from "./clips.ts";

/** So many files tell what the others are like. */
const LOOKED_AT = 300;
/** The part of the sounds that is to fit into a clip. */
const FITTING = 0.95;

/** What most sounds of a folder are like. */
export interface UsualSound {
  /** Samples a second of most. */
  readonly rate: number;
  /** Seconds that nearly all fit into. */
  readonly seconds: number;
}

/** What most of these files are like; `undefined` where none of those that are looked at can be read. */
export async function usualSound(path: string, files: readonly string[]): Promise<UsualSound | undefined> {
  const every = Math.max(1, files.length / LOOKED_AT);
  const rates = new Map<number, number>();
  const lengths: number[] = [];
  for (let i = 0; i < files.length; i += every) {
    const file = files[Math.floor(i)];
    const bytes = readFile(`${path}/${file}`, soundFile);
    if (typeof bytes === "string") continue;
    try {
      const { samples: { shape: [length] }, rate } = await decodeSound(bytes, file);
      rates.set(rate, (rates.get(rate) ?? 0) + 1);
      if (length > 0) lengths.push(length / rate);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error; // who reads all of them names it
    }
  }
  if (lengths.length === 0) return undefined;
  const [[rate]] = [...rates].sort(([, a], [, b]) => b - a);
  const seconds = lengths.sort((a, b) => a - b)[Math.ceil(FITTING * lengths.length) - 1];
  return { rate, seconds };
}
