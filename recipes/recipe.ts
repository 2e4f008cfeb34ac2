/** What a recipe is: all that is known of one thing to be learned, and nothing of terminals and folders. */
import type { Device } from "../engine/device.ts";
import type { Model } from "../models/model.ts";
import type { Callback } from "../training/callbacks/callback.ts";
import type { Checkpoint } from "../training/checkpoints/checkpoint.ts";
import type { History } from "../training/loop/history.ts";
import type { OptionReader, OptionSpec } from "./options/option_spec.ts";

/** What has to be permitted: paths to read and to write, hosts. */
export interface Access {
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly net?: readonly string[];
}

/** What data needs for what was asked. */
export interface DataNeeds {
  /** Without this it does not begin. */
  readonly now: Access;
  /** What it may come to need: where data has to be fetched from, say. */
  readonly later?: Access;
}

/** How far something is that takes a while before the training. */
export interface Loading {
  /** What is being done: `fetching`. */
  readonly doing: string;
  readonly done: number;
  readonly total: number;
  /** One of these numbers in words. */
  readonly say: (n: number) => string;
}

/** Whoever runs a recipe: told what happens, and asked for what is needed. */
export interface Host {
  /** Says a line with a label in front: `data`, and which it is. Also while a training runs: a line that was made, say. */
  say(label: string, text: string): void;
  /** Shows how far something is. */
  show(loading: Loading): void;
  /** Rejects unless this is permitted. */
  permit(access: Access): Promise<void>;
  /**
   * Writes a file into the folder of the training that is under way, or over what was kept under this name: what is made
   * meanwhile. Rejects where no training is.
   */
  keep(name: string, bytes: Uint8Array): Promise<void>;
  /** Aborts when nobody wants it any more. */
  readonly signal?: AbortSignal;
}

/** Where something is computed, and until when. */
export interface Where {
  readonly device: Device;
  readonly signal?: AbortSignal;
}

/** What a run is begun or gone on with. */
export interface TrainWhere extends Where {
  readonly resume?: Checkpoint;
  readonly callbacks: readonly Callback[];
}

/** How a model does. */
export interface Score {
  /** Rows of a table, the first with its headings. */
  readonly table: readonly (readonly string[])[];
  /** The figure that counts: `test accuracy 70.1 %`. */
  readonly headline: string;
  /** What stands behind it. */
  readonly detail: string;
  /** The same as numbers, for the model's file. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What a training ends with. */
export interface Report extends Score {
  /** What there is to see and to hear, by the names of the files in the run's folder: `predictions.png`. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** How the training went, as SVG. */
  readonly curve: string;
}

/** A recipe with its options settled and its data at hand, ready to be trained. */
export interface Task {
  /** What its run is called: `cnn-cifar10`. */
  readonly name: string;
  /** What options came to that were left to be found out; a run is gone on with them. */
  readonly settled: Readonly<Record<string, string | number>>;
  /** What is trained. */
  readonly model: Model;
  /** The optimizer in words. */
  readonly method: string;
  readonly batchSize: number;
  readonly seed: number;
  /** Trains the model. */
  train(where: TrainWhere): Promise<History>;
  /** Judges the trained model, and makes what there is to see and to hear. */
  report(where: Where & { readonly history: History }): Promise<Report>;
}

/** What making something needs beside the model and the options. */
export interface MakeWith {
  readonly where: Where;
  readonly host: Host;
  /** Shows text as it comes, without waiting for a line to end. */
  write(text: string): void;
}

/** What was made. */
export interface Made {
  /** Files by what their names end in: `.mid`, `-2.wav`. What is under `""` has the name that `--out` gives, as it is. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** What there is to say at the end. */
  readonly lines?: readonly string[];
}

/** Makes something with a trained model: what `generate NAME` does. Recipes whose models make the same share one. */
export interface Maker {
  /** What `generate` calls it: `text`. */
  readonly name: string;
  /** One line that says what it makes. */
  readonly summary: string;
  /** Its options. All makers have `seed`, which always has a number. */
  readonly options: readonly OptionSpec[];
  /**
   * What the names of its files end in, first that of the file that people want: `[".mid", ".wav"]`. None for what is shown, and
   * only written where `--out` is given.
   */
  readonly extensions: readonly string[];
  /** What it needs beside the model; nothing when left out. */
  needs?(values: OptionReader): DataNeeds;
  /** Makes it. Throws a {@linkcode UsageError} where the model or an option does not do. */
  make(model: Model, values: OptionReader, to: MakeWith): Promise<Made>;
}

/** A file, or a text, that is to be told apart. */
export interface Thing {
  /** What it is called. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Says what class things are of: what `classify` does with the models of a recipe. */
export interface Classifier {
  /** What it takes, for messages: `sounds`. */
  readonly takes: string;
  /** The probability of each class for each thing, or the line that says why there is none. */
  classify(
    model: Model,
    things: readonly Thing[],
    to: { readonly where: Where; readonly host: Host },
  ): Promise<readonly (ArrayLike<number> | string)[]>;
}

/** A recipe. One file each. */
export interface Recipe {
  /** What `train NAME` calls it. */
  readonly name: string;
  /** One line that says what it does. */
  readonly summary: string;
  /** The options that choose its data; `evaluate` takes them, too. */
  readonly dataOptions: readonly OptionSpec[];
  /** Its other options. */
  readonly options: readonly OptionSpec[];
  /** What its examples are called: `images`. */
  readonly examples: string;
  /** Whether its models see each image mirrored, too, when they are judged and asked. */
  readonly seesMirrored?: boolean;
  /** What loading the data needs. */
  needs(values: OptionReader): DataNeeds;
  /** Loads the data and makes the model. */
  begin(values: OptionReader, host: Host): Promise<Task>;
  /** Loads what a model of this recipe is judged by; what it gives does that. */
  judge(model: Model, values: OptionReader, host: Host): Promise<(where: Where) => Promise<Score>>;
  /** What `generate` does with its models, if there is something that they make. */
  readonly maker?: Maker;
  /** What `classify` does with its models, if they tell something apart. */
  readonly classifier?: Classifier;
}
