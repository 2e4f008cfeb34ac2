/** `generate text`: a model goes on with what it is given, and it is shown as it comes. */
import { temperatureOption } from "../options/temperature_option.ts";
import type { Vocabulary } from "../../data/text/vocabulary.ts";
import type { Model } from "../../models/model.ts";
import { writeTokens } from "../../training/sequences/write_tokens.ts";
import type { OptionReader, OptionSpec } from "../options/option_spec.ts";
import type { Maker, MakeWith } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { bannedIn, beginningOf, vocabularyOf } from "./written_text.ts";

const options: readonly OptionSpec[] = [
  {
    name: "prompt",
    value: "TEXT",
    help: "what is gone on with, in which \\n is a line break; nothing when left out",
  },
  {
    name: "length",
    value: "N",
    help: "the most characters, or bytes or words, that are written",
    number: { whole: true, least: 1, most: 1e9 },
    default: 1000,
  },
  temperatureOption(0.8),
  {
    name: "top-k",
    value: "K",
    help: "draws from the K likeliest alone",
    number: { whole: true, least: 1, most: 1e9 },
  },
  {
    name: "top-p",
    value: "P",
    help: "draws from the likeliest that have this probability together",
    number: { above: 0, most: 1 },
  },
  {
    name: "repetition-penalty",
    value: "R",
    help: "how much less likely what was there already is",
    number: { least: 1, most: 1000 },
    default: 1,
  },
  {
    name: "streams",
    value: "N",
    help: "texts that are written at the same time, and shown one after another",
    number: { whole: true, least: 1, most: 4096 },
    default: 1,
  },
  {
    name: "stop",
    value: "TEXT",
    help: "ends a text where this stands, in which \\n is a line break; it is not written",
  },
];

/** Writes text. */
export const textMaker: Maker = {
  name: "text",
  summary: "Write text with a model of train text, shown as it comes.",
  options,
  extensions: [],
  make: async (model, values, to) => {
    const texts = await writeTexts(model, values, to);
    return { files: { "": new TextEncoder().encode(texts.join("\n")) } };
  },
};

async function writeTexts(model: Model, values: OptionReader, { where, write }: MakeWith): Promise<string[]> {
  const vocabulary = vocabularyOf("write text", model);
  const { prompt, tokens } = promptOf(vocabulary, withBreaks(values.text("prompt") ?? ""));
  const streams = Array.from(
    { length: values.number("streams")! },
    () => new Stream(vocabulary, prompt, values),
  );
  const title = (i: number) =>
    streams.length === 1 ? "" : `${i > 0 ? "\n" : ""}--- ${i + 1} of ${streams.length} ---\n`;
  // Those behind the one that is shown wait until it is done.
  let shown = 0;
  write(title(0) + prompt);
  const show = () => {
    for (;; shown++) {
      write(streams[shown].take());
      if (!streams[shown].isDone || shown === streams.length - 1) return;
      write("\n" + title(shown + 1) + prompt);
    }
  };
  const pieces = writeTokens(model, streams.map(() => tokens), {
    length: values.number("length")!,
    temperature: values.number("temperature"),
    topK: values.number("top-k"),
    topP: values.number("top-p"),
    repetitionPenalty: values.number("repetition-penalty"),
    seed: values.number("seed"),
    banned: bannedIn(vocabulary),
    stop: vocabulary.boundary,
    ...where,
  });
  for await (const piece of pieces) {
    piece.forEach((tokens, i) => streams[i].add(tokens));
    show();
    if (streams.every(({ isDone }) => isDone)) break;
  }
  for (const stream of streams) stream.end();
  show();
  write("\n");
  return streams.map(({ text }) => text);
}

/** A text that comes token by token: what of it may be shown, and where it ends. */
class Stream {
  readonly #decoder: ReturnType<Vocabulary["decoder"]>;
  readonly #stop: string | undefined;
  /** All of it, with the prompt. */
  text: string;
  isDone = false;
  #shown: number;

  constructor(vocabulary: Vocabulary, prompt: string, values: OptionReader) {
    this.#decoder = vocabulary.decoder();
    const stop = values.text("stop");
    this.#stop = stop && withBreaks(stop);
    this.text = prompt;
    this.#shown = prompt.length;
  }

  add(tokens: Int32Array): void {
    if (this.isDone) return;
    for (const token of tokens) this.#append(this.#decoder.next(token));
  }

  /** It ends here: what was held back is shown. */
  end(): void {
    if (!this.isDone) this.#append(this.#decoder.end());
    this.isDone = true;
  }

  #append(text: string): void {
    if (this.isDone || text === "") return;
    // The stop may begin in what was there before.
    const from = Math.max(this.#shown, this.text.length - (this.#stop?.length ?? 0));
    this.text += text;
    const end = this.#stop === undefined ? -1 : this.text.indexOf(this.#stop, from);
    if (end < 0) return;
    this.text = this.text.slice(0, end);
    this.isDone = true;
  }

  /** What is new and may be shown: not what may be the beginning of the stop. */
  take(): string {
    let end = this.text.length;
    const stop = this.#stop ?? "";
    for (let held = Math.min(stop.length - 1, end); !this.isDone && held > 0; held--) {
      if (!this.text.endsWith(stop.slice(0, held))) continue;
      end -= held;
      break;
    }
    const text = this.text.slice(this.#shown, Math.max(end, this.#shown));
    this.#shown = Math.max(end, this.#shown);
    return text;
  }
}

/** Shells hand on `\\n` as it is typed. */
const withBreaks = (text: string) =>
  text.replaceAll(/\\[nt]/g, (escape) => escape === "\\n" ? "\n" : "\t").replaceAll(/\r\n?/g, "\n");

/** The tokens of a prompt. Of words, all but those that begin a line have a space in front. */
function promptOf(vocabulary: Vocabulary, prompt: string): { prompt: string; tokens: number[] } {
  if (prompt === "") return { prompt, tokens: [beginningOf(vocabulary)] };
  const strange = vocabulary.unknownIn(prompt);
  const spaced = ` ${prompt}`;
  const isInLine = strange.length > 0 && vocabulary.by === "words" &&
    vocabulary.unknownIn(spaced).length === 0;
  if (strange.length > 0 && !isInLine) {
    const named = strange.slice(0, 8).map((one) => JSON.stringify(one)).join(", ");
    const more = strange.length > 8 ? ` and ${strange.length - 8} more` : "";
    throw new UsageError(
      `Cannot go on with the prompt: the model was trained on a text without ${named}${more}`,
    );
  }
  return { prompt, tokens: [...vocabulary.encode(isInLine ? spaced : prompt)] };
}
