/** Tunes as one stream of words, as a network learns them. */
import { ndarray } from "../../engine/array.ts";
import { DataError } from "../../data/data_error.ts";
import { Dataset } from "../../data/dataset.ts";
import { tokens as tokensOf } from "../../data/field.ts";
import { sha256 } from "../../data/fingerprint.ts";
import { tuneCollection } from "../../data/music/dances.ts";
import { wordsOfTune } from "../../data/music/tune_words.ts";
import { windows } from "../../data/windows.ts";
import { count } from "../number_text.ts";
import type { Host } from "../recipe.ts";
import { sayLines } from "../say_lines.ts";
import { UsageError } from "../usage_error.ts";
import { TuneCode } from "../../data/music/tune_code.ts";

/** Words of a window. */
export const LENGTH = 64;
/** What part of the tunes is to test by. */
const VALIDATION = 0.1;

/** Tunes in two parts. */
export interface TuneData {
  readonly code: TuneCode;
  /** One stream: a boundary, and behind each tune another one. */
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/** Reads tunes whose bars are full, and says what was found; in an order that their music gives, so that kinds are mixed. */
export async function loadTunes(path: string, host: Host, known?: TuneCode): Promise<TuneData> {
  const { tunes, report } = await tuneCollection(path);
  sayLines(host, "data", report);
  const all = tunes.filter(({ check }) => check.hasFullBars).map(({ tune, kind }) => wordsOfTune(tune, kind));
  const code = known ?? TuneCode.of(all);
  const own = [...new Set(all)].filter((words) => code.unknownIn(words).length === 0);
  const hashed = await Promise.all(
    own.map(async (words) => ({ words, hash: await sha256(new TextEncoder().encode(words)) })),
  );
  hashed.sort((a, b) => a.hash < b.hash ? -1 : 1);
  const tested = Math.round(VALIDATION * hashed.length);
  if (tested === 0 || tested === hashed.length) {
    throw new DataError(path, `Cannot learn tunes from ${path}: ${own.length} with full bars are too few`);
  }
  const stream = (part: typeof hashed) =>
    Int32Array.from([code.boundary, ...part.flatMap(({ words }) => [...code.encode(words), code.boundary])]);
  const [train, validation] = [stream(hashed.slice(tested)), stream(hashed.slice(0, tested))];
  host.say(
    "",
    `${count(hashed.length - tested)} tunes to train on, ${count(tested)} to test by; ${
      count(train.length)
    } and ` +
      `${count(validation.length)} words, ${code.words.length} different ones`,
  );
  return { code, train, validation };
}

/** Windows side by side, each with the word behind each. */
export function windowsOf(name: string, stream: Int32Array): Dataset {
  if (stream.length <= LENGTH) {
    throw new UsageError(
      `Cannot learn tunes from ${name}: one of its parts has ${stream.length} words, and ${
        LENGTH + 1
      } are needed; take more tunes`,
    );
  }
  const values = tokensOf(ndarray("int32", [stream.length], stream));
  return new Dataset({
    name,
    fields: {
      tokens: windows(values, { length: LENGTH, stride: LENGTH }),
      next: windows(values, { length: LENGTH, stride: LENGTH, shift: 1 }),
    },
    targets: "next",
  });
}
