/** The networks that learn a text, and what is good for each. */
import { type CharCell, charRnn } from "../../models/char_rnn.ts";
import { charTransformer } from "../../models/char_transformer.ts";
import type { Model } from "../../models/model.ts";
import { UsageError } from "../usage_error.ts";
import type { OptionReader, OptionSpec } from "../options/option_spec.ts";

/** The most epochs, the fewest windows of a step, and the fewest steps of an epoch, as far as that leaves so many windows. */
const [MOST_EPOCHS, LEAST_BATCH, LEAST_STEPS] = [100, 4, 16];

/** What is taken where nothing is said. */
interface Defaults {
  readonly units: number;
  readonly layers: number;
  readonly length: number;
  readonly rate: number;
  readonly dropout: number;
  /** Weight decay, and the second beta, of AdamW. */
  readonly decay: number;
  readonly beta2: number;
  /** Windows a step, and how many millions of tokens are seen in a training. */
  readonly batch: number;
  readonly seen: number;
}

const usual: Defaults = {
  units: 256,
  layers: 1,
  length: 64,
  rate: 0.004,
  dropout: 0.2,
  decay: 0.02,
  beta2: 0.999,
  batch: 32,
  seen: 12,
};

const defaults: Readonly<Record<CharCell | "transformer", Defaults>> = {
  rnn: { ...usual, dropout: 0, seen: 8 },
  gru: usual,
  lstm: usual,
  minGru: { ...usual, layers: 3 },
  transformer: {
    units: 128,
    layers: 4,
    length: 128,
    rate: 0.002,
    dropout: 0.1,
    decay: 0.1,
    beta2: 0.99,
    batch: 16,
    seen: 5,
  },
};

/** A network by its name. */
export type TextNetwork = keyof typeof defaults;

const names = Object.keys(defaults) as TextNetwork[];

/** `256, of a transformer 128`: what an option is when it is left out. */
function said(part: keyof Defaults): string {
  const values = names.map((name) => defaults[name][part]);
  const usual = defaults.gru[part];
  const others = names.filter((_, i) => values[i] !== usual).map((name) =>
    `of ${name} ${defaults[name][part]}`
  );
  return [`${usual}`, ...others].join(", ");
}

const size = (name: string, part: keyof Defaults, help: string, most: number): OptionSpec => ({
  name,
  value: "N",
  help: `${help}; ${said(part)} when left out`,
  number: { whole: true, least: 1, most },
});

/** The options that choose the network. */
export const networkOptions: readonly OptionSpec[] = [
  {
    name: "network",
    value: "NAME",
    help: "what goes from token to token, or attention to all of them",
    choices: names,
    default: "gru",
  },
  size("units", "units", "the size of each layer's state", 65_536),
  size("layers", "layers", "how many layers lie on each other", 256),
  {
    name: "heads",
    value: "N",
    help: "heads of attention of the transformer; 4 when left out",
    number: { whole: true, least: 1, most: 1024 },
  },
  size("length", "length", "tokens that a step looks back through, fewer for a short text", 65_536),
  {
    name: "dropout",
    value: "P",
    help: `what part of a layer's results is dropped in training; ${said("dropout")} when left out`,
    number: { least: 0, most: 0.95 },
  },
  size("batch-size", "batch", "windows a step, fewer for a short text", 65_536),
  {
    name: "epochs",
    value: "N",
    help:
      `times through the text; when left out, until so many millions of tokens were seen: ${said("seen")}; ` +
      `at most ${MOST_EPOCHS}`,
    number: { whole: true, least: 1, most: 1e6 },
  },
  {
    name: "learning-rate",
    value: "R",
    help: `the highest; it falls to 0 along a cosine; ${said("rate")} when left out`,
    number: { above: 0, most: 1000 },
  },
];

/** What the options come to, but for the length. */
export function networkChoice(values: OptionReader): Defaults & { name: TextNetwork; heads: number } {
  const name = values.text("network") as TextNetwork;
  const usual: Defaults = defaults[name];
  return {
    ...usual,
    name,
    units: values.number("units") ?? usual.units,
    layers: values.number("layers") ?? usual.layers,
    heads: values.number("heads") ?? 4,
    rate: values.number("learning-rate") ?? usual.rate,
    dropout: values.number("dropout") ?? usual.dropout,
  };
}

/** What `--length`, `--batch-size` and `--epochs` are for a text of so many tokens in each part, where they are not said. */
export function settledFor(
  values: OptionReader,
  { length, batch, seen }: Defaults,
  tokens: { readonly train: number; readonly validation: number },
): { length: number; batchSize: number; epochs: number } {
  // A short text has to have some windows in both parts, and some steps in an epoch.
  const longest = Math.max(1, Math.floor(tokens.validation / 2) - 1);
  const own = values.number("length") ?? Math.min(length, longest);
  const windows = Math.max(1, Math.floor((tokens.train - 1) / own));
  const fitting = Math.min(batch, Math.max(LEAST_BATCH, Math.floor(windows / LEAST_STEPS)));
  const epochs = Math.min(MOST_EPOCHS, Math.max(1, Math.round(seen * 1e6 / tokens.train)));
  return {
    length: own,
    batchSize: Math.min(values.number("batch-size") ?? fitting, windows),
    epochs: values.number("epochs") ?? epochs,
  };
}

/** The network, for so many tokens. */
export function textNetwork(
  choice: ReturnType<typeof networkChoice>,
  { tokens, length, seed }: { tokens: number; length: number; seed: number },
): Model {
  const { name, units, layers, heads, dropout } = choice;
  if (name === "transformer") {
    try {
      return charTransformer({ tokens, length, width: units, depth: layers, heads, dropout, seed });
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new UsageError(`${cause.message}; the width is --units, and there are --heads`, { cause });
    }
  }
  // Of many words, each is known by some numbers that are learned.
  const embedding = tokens > 256 ? Math.min(units, 256) : undefined;
  return charRnn({ tokens, length, units, cell: name, layers, dropout, embedding, seed });
}
