/** How the options of `fit` and `evaluate` are read: all of them before anything is computed. */
import {
  above,
  either,
  fraction,
  functionKind,
  type Kind,
  objectThat,
  oneOf,
  signalKind,
  whole,
} from "../../engine/option_kinds.ts";
import { optional, readOptions, type Values } from "../../engine/options.ts";
import type { Device } from "../../engine/device.ts";
import { deviceKind, type DeviceName } from "../../devices/select.ts";
import { type LossName, lossNames } from "../losses/losses.ts";
import { runOptions } from "../loop/run_options.ts";
import { optimizerKind } from "../optimizers/optimizer.ts";
import { type Augmentation, augmentationOptions } from "./augment.ts";
import type { FitFunction } from "./fit_step.ts";

/** As it is given, once it is sure that it can be read: it is part of what defines a run. */
const augmentationKind: Kind<Augmentation> = {
  says: "an object with flip and shift",
  read: (value) => {
    readOptions("augment images", value, augmentationOptions);
    return value as Augmentation;
  },
};

/** A loss by its name, or a function. */
const lossKind: Kind<LossName | FitFunction> = either<LossName, FitFunction>(
  oneOf(lossNames),
  functionKind<FitFunction>(),
);

/** `loss` is what is minimized, under that name in every record: a metric may not take its place. */
const metricsKind = objectThat<Readonly<Record<string, FitFunction>>>(
  "functions by name, as in { accuracy }, none of them named loss",
  (value) =>
    Object.values(value).every((metric) => typeof metric === "function") && !Object.hasOwn(value, "loss"),
);

/** What is minimized and measured. */
export const measureOptions = { loss: optional(lossKind), metrics: optional(metricsKind, {}) };

const fitOptions = {
  ...runOptions,
  ...measureOptions,
  optimizer: optional(optimizerKind),
  labelSmoothing: optional(fraction, 0),
  clipNorm: optional(above(0)),
  augmentation: optional(augmentationKind, {}),
  average: optional(fraction),
  accumulate: optional(whole(1), 1),
  frozen: optional(functionKind<(weight: string) => boolean>()),
  rate: optional(functionKind<(weight: string) => number>()),
};

/** The options of a training run, with what they are when they are left out. */
export const readFitOptions = (options: unknown): Values<typeof fitOptions> =>
  readOptions("train", options, fitOptions);

/** Options of {@linkcode evaluate} and {@linkcode predict}. */
export interface AskOptions {
  /** Examples that are computed together; 256 when left out. */
  readonly batchSize?: number;
  /** A device or its name; `"auto"` when left out. */
  readonly device?: Device | DeviceName;
  /** Ends the work before it is done: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How they are read. */
export const askOptions = {
  batchSize: optional(whole(1), 256),
  device: optional(deviceKind),
  signal: optional(signalKind),
};
