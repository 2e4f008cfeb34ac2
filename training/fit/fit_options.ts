/** How the options of `fit` and `evaluate` are read: all of them before anything is computed. */
import {
  above,
  flag,
  fraction,
  type Kind,
  listOf,
  objectThat,
  oneOf,
  signalKind,
  whole,
} from "../../engine/option_kinds.ts";
import { optional, readOptions, type Values } from "../../engine/options.ts";
import { Dataset } from "../../data/dataset.ts";
import { deviceKind } from "../../devices/select.ts";
import type { Precision } from "../../models/precision.ts";
import { type Augmentation, augmentationOptions } from "./augment.ts";
import type { Callback } from "../callbacks/callbacks.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { lossNames } from "../losses/losses.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";

const precisions: readonly Precision[] = ["float32", "mixed"];

/** A data set, whatever realm it comes from. */
export const datasetKind: Kind<Dataset> = objectThat(
  "a Dataset",
  (value) => value instanceof Dataset || "inputs" in value && "targets" in value && "batches" in value,
);

const hooks = ["onStart", "onProgress", "onEpoch", "onInterrupt", "onEnd"];

const callbackKind = objectThat<Callback>(
  `a callback, which is an object with functions ${hooks.join(", ")}`,
  (value) => hooks.every((name) => value[name] === undefined || typeof value[name] === "function"),
);

const optimizerKind = objectThat<Optimizer>(
  "an optimizer, such as adam() gives",
  ({ update, slots }) => typeof update === "function" && Array.isArray(slots),
);

/** Whatever is given: what is no checkpoint is told apart by those who know what is in one. */
const resumeKind: Kind<Checkpoint> = { says: "a checkpoint", read: (value) => value as Checkpoint };

/** As it is given, once it is sure that it can be read: it is part of what defines a run. */
const augmentationKind: Kind<Augmentation> = {
  says: "an object with flip and shift",
  read: (value) => {
    readOptions("augment images", value, augmentationOptions);
    return value as Augmentation;
  },
};

const fitOptions = {
  validation: optional(datasetKind),
  epochs: optional(whole(), 1),
  batchSize: optional(whole(1), 32),
  optimizer: optional(optimizerKind),
  loss: optional(oneOf(lossNames)),
  labelSmoothing: optional(fraction, 0),
  clipNorm: optional(above(0)),
  augmentation: optional(augmentationKind, {}),
  precision: optional(oneOf(precisions), "float32"),
  shuffle: optional(flag, true),
  seed: optional(whole(0, 2 ** 32 - 1), 0),
  device: optional(deviceKind),
  callbacks: optional(listOf(callbackKind), []),
  resume: optional(resumeKind),
  signal: optional(signalKind),
};

/** The options of a training run, with what they are when they are left out. */
export const readFitOptions = (options: unknown): Values<typeof fitOptions> =>
  readOptions("train", options, fitOptions);

/** The options of judging and asking a model. */
export const askOptions = {
  batchSize: optional(whole(1), 256),
  device: optional(deviceKind),
  signal: optional(signalKind),
};
