/** `generate tunes`: folk tunes as ABC, as MIDI, as sound and as a picture. */
import { temperatureOption } from "../options/temperature_option.ts";
import { tuneCodeOf } from "./tune_code_of.ts";
import { headerLetters } from "../../data/music/tune_code.ts";
import { tuneOfWords } from "../../data/music/tune_words.ts";
import { abcNotes } from "../../formats/abc/abc_notes.ts";
import { tuneExtensions, tuneFiles } from "../music/tune_files.ts";
import type { OptionSpec } from "../options/option_spec.ts";
import type { Maker } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { USUAL_TEMPERATURE, writeTunes, type WrittenTune } from "./write_tunes.ts";

const field = (name: string, value: string, help: string): OptionSpec => ({
  name,
  value,
  help: `${help}; the model chooses when left out`,
});

/** What `generate tunes` does. */
export const tuneMaker: Maker = {
  name: "tunes",
  summary: "Write folk tunes with a model of train tunes: ABC, MIDI, a WAV to listen to and a picture.",
  extensions: [".abc", ...tuneExtensions],
  options: [
    field("kind", "NAME", "the kind of dance, as the tunes that it learned from name it"),
    field("meter", "M", "such as 6/8"),
    field("key", "K", "such as D or Em"),
    {
      name: "count",
      value: "N",
      help: "how many tunes",
      number: { whole: true, least: 1, most: 1000 },
      default: 1,
    },
    temperatureOption(USUAL_TEMPERATURE),
  ],
  make: async (model, values, { where, write }) => {
    if (!tuneCodeOf(model)) {
      throw new UsageError(`Cannot write tunes with ${model.name}: it was not trained by train tunes`);
    }
    const [kind, meter, key] = ["kind", "meter", "key"].map((name) => values.text(name));
    const header = { R: kind, M: meter, K: key };
    const tunes = await writeTunes(model, {
      count: values.number("count")!,
      temperature: values.number("temperature")!,
      seed: values.number("seed")!,
      header: Object.fromEntries(
        headerLetters.map((letter) => [letter, header[letter as keyof typeof header]]),
      ),
    }, where);
    const abc = abcOf(tunes);
    write(`\n${abc}\n`);
    const files: Record<string, Uint8Array> = { ".abc": new TextEncoder().encode(abc) };
    for (const [i, one] of tunes.entries()) {
      for (const [ending, bytes] of Object.entries(await heard(one, `tune ${i + 1}`))) {
        files[i === 0 ? ending : `-${i + 1}${ending}`] = bytes;
      }
    }
    const full = tunes.filter(({ check }) => check.hasFullBars).length;
    const odd = tunes.flatMap(({ check }, i) => check.hasFullBars ? [] : [`tune ${i + 1}: ${check.reason}`]);
    return { files, lines: [`${full} of ${tunes.length} with full bars throughout`, ...odd.slice(0, 10)] };
  },
};

/** Tunes as an ABC file. */
export const abcOf = (tunes: readonly WrittenTune[]): string =>
  tunes.map(({ words }, i) => tuneOfWords(words, i + 1, `Tune ${i + 1}`)).join("\n");

/** A tune as files to hear and to see; none where it can't be read. */
export async function heard(
  { tune, check }: WrittenTune,
  title: string,
): Promise<Partial<Record<typeof tuneExtensions[number], Uint8Array>>> {
  return tune && check.parses ? await tuneFiles(abcNotes(tune, title), title) : {};
}
