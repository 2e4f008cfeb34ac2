/** `train vae`: pictures through a random variable and back, and new ones out of chance. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { Dataset } from "../../data/dataset.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import { bernoulliLoss, logisticLoss } from "../../models/likelihood.ts";
import type { Model } from "../../models/model.ts";
import { vae, vaeParts } from "../../models/vae.ts";
import { add, cast, div, exp, log, minimum, mul, sigmoid, slice, square, sub, sum, tanh } from "../../ops/mod.ts";
import type { RandomSource } from "../../ops/random/random.ts";
import { train } from "../../training/loop/train.ts";
import { adam } from "../../training/optimizers/optimizers.ts";
import { cosineDecay } from "../../training/optimizers/schedules.ts";
import { parameters } from "../../training/step/parameters.ts";
import { trainStep } from "../../training/step/train_step.ts";
import type { OptionReader } from "../options/option_spec.ts";
import { batchSizeOption, epochsOption, precisionOption, seedOption } from "../options/training_options.ts";
