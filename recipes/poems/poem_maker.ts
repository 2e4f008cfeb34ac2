/** `generate poems`: quatrains by an author, or behind a first line. */
import { temperatureOption } from "../options/temperature_option.ts";
import { pathsRead } from "../data/paths_read.ts";
import { poemCodeOf } from "./poem_code_of.ts";
import type { LineLength } from "../../data/poems/poem_code.ts";
import { poemCollection } from "../../data/poems/poems.ts";
import { percent } from "../number_text.ts";
import type { Maker } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { copiedFrom } from "./copied.ts";
import { poemRows, writePoems } from "./write_poems.ts";

/** What `generate poems` does. */
export const poemMaker: Maker = {
  name: "poems",
  summary: "Write poems of four lines, by an author that the model knows or behind a first line.",
  options: [
    {
      name: "author",
      value: "NAME",
      help: "as whom; as someone that the model has no name for when left out",
    },
    { name: "first", value: "LINE", help: "the first line, or its first characters" },
    {
      name: "form",
      value: "N",
      help: "characters of a line; those of --first, or as the model likes, when left out",
      choices: ["5", "7"],
    },
    {
      name: "count",
      value: "N",
      help: "how many poems",
      number: { whole: true, least: 1, most: 1000 },
      default: 4,
    },
    temperatureOption(0.8),
    { name: "strict", help: "keep the form by force: lines can end only where they have to" },
    {
      name: "data",
      value: "PATH",
      help: "the poems that it learned from: what it has copied of them is said",
    },
  ],
  extensions: [],
  needs: pathsRead("data"),
  make: async (model, values, { where, write }) => {
    const code = poemCodeOf(model);
    if (!code) {
      throw new UsageError(`Cannot write poems with ${model.name}: it was not trained by train poems`);
    }
    const path = values.text("data");
    const corpus = path === undefined ? undefined : (await poemCollection(path)).poems;
    const form = values.text("form");
    const beginning = {
      author: values.text("author"),
      line: values.text("first")?.replace(/[，。、,.\s]+$/u, ""),
      form: form === undefined ? undefined : Number(form) as LineLength,
    };
    try {
      code.begin(beginning);
    } catch (error) {
      if (error instanceof RangeError) throw new UsageError(error.message);
      throw error;
    }
    const poems = await writePoems(model, Array(values.number("count")!).fill(beginning), {
      temperature: values.number("temperature")!,
      seed: values.number("seed")!,
      strict: values.has("strict"),
    }, where);
    const text = poems.map((poem) => poemRows(poem).map((row) => `${row}\n`).join("")).join("\n");
    write(`\n${text}\n`);
    const inForm = poems.filter(({ isInForm }) => isInForm).length;
    const lines = [
      `${inForm} of ${poems.length} in form: four lines of five characters each, or of seven` +
      (values.has("strict") ? ", by force" : ""),
    ];
    if (corpus) {
      const { whole, longest, lines: known } = copiedFrom(
        corpus.map(({ lines }) => lines),
        poems.map(({ lines }) => lines),
      );
      lines.push(
        `${whole} copied whole; ${
          percent(known)
        } of the lines are in ${path}, and the longest stretch is ${longest}`,
      );
    }
    return { files: { "": new TextEncoder().encode(text) }, lines };
  },
};
