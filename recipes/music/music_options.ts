/** The options of a network that expects music, and of its training. */
import { batchSizeOption, epochsOption, seedOption } from "../options/training_options.ts";
import type { OptionSpec } from "../options/option_spec.ts";

/** All but those that choose the data. */
export const networkOptions: readonly OptionSpec[] = [
  {
    name: "head",
    value: "NAME",
    help: "voices are drawn one after the other, from above; keys are down or not, each by itself",
    choices: ["voices", "keys"],
    default: "voices",
  },
  {
    name: "step",
    value: "BEATS",
    help: "beats between chords: 1 for quarter notes, 0.25 for sixteenths",
    number: { least: 1 / 16, most: 16 },
    default: 1,
  },
  {
    name: "voices",
    value: "N",
    help: "the highest notes of a chord that count; as many as nearly all chords have when left out",
    number: { whole: true, least: 1, most: 16 },
  },
  {
    name: "transpose",
    value: "N",
    help: "move pieces by up to so many semitones while training; 5 when left out, 0 if all are in one key",
    number: { whole: true, least: 0, most: 12 },
  },
  {
    name: "cell",
    value: "NAME",
    help: "the recurrent layers",
    choices: ["rnn", "gru", "lstm"],
    default: "gru",
  },
  {
    name: "units",
    value: "N",
    help: "units of each",
    number: { whole: true, least: 1, most: 4096 },
    default: 150,
  },
  {
    name: "layers",
    value: "N",
    help: "how many there are, one on the other; with convolutions 0, too",
    number: { whole: true, least: 0, most: 16 },
    default: 1,
  },
  {
    name: "convolutions",
    value: "N",
    help: "pairs of causal convolutions that chords go through first",
    number: { whole: true, least: 0, most: 8 },
    default: 0,
  },
  {
    name: "recall",
    help: "of keys: what followed chords like the last ones earlier in the piece counts, too",
  },
  {
    name: "members",
    value: "N",
    help: "networks that expect each chord, each by itself; what they expect together counts",
    number: { whole: true, least: 1, most: 32 },
    default: 1,
  },
  {
    name: "dropout",
    value: "P",
    help: "of their results",
    number: { least: 0, most: 0.9 },
    default: 0.3,
  },
  {
    name: "recurrent-dropout",
    value: "P",
    help: "of what recurrent layers hand on",
    number: { least: 0, most: 0.9 },
    default: 0,
  },
  epochsOption(35),
  batchSizeOption("pieces", 4),
  {
    name: "learning-rate",
    value: "R",
    help: "falls to 0 along a cosine",
    number: { above: 0, most: 1 },
    default: 0.003,
  },
  seedOption,
];
