/**
 * Why numbers became infinite or NaN: the first example, weight or layer that shows it, in words. Loaded when something is
 * wrong.
 */
import type { NdArray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import { formatShape, type Shape } from "../../engine/shape.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { program } from "../../devices/program.ts";
import type { Dataset } from "../../data/dataset.ts";
import { permutation } from "../../data/permutation.ts";
import { rows } from "../../data/rows.ts";
import type { Model } from "../../models/model.ts";
import { cast, grad, isFinite, mean, min, mul, RandomSource } from "../../ops/mod.ts";
import { augment } from "../fit/augment.ts";
import { judge } from "../losses/losses.ts";
import { ModelBlocks } from "../step/parameter_blocks.ts";
import type { TrainerOptions } from "../loop/trainer.ts";

/** Where an element lies, by its index in each axis. */
function placeOf(index: number, shape: Shape): string {
  const place: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(index % shape[axis]);
    index = Math.floor(index / shape[axis]);
  }
  return formatShape(place);
}

/** The first of some examples, or of all, that has something else than finite numbers in it. */
export function badExample(data: Dataset, examples?: Iterable<number>): string | undefined {
  const parts = [["inputs", data.inputs], ["targets", data.targets]] as const;
  const floats = parts.filter(([, { dtype }]) => dtype === "float32");
  if (floats.length === 0) return undefined;
  for (const example of examples ?? Array(data.length).keys()) {
    for (const [what, { shape, data: numbers }] of floats) {
      const size = numbers.length / data.length;
      for (let i = example * size; i < (example + 1) * size; i++) {
        if (Number.isFinite(numbers[i])) continue;
        const place = size > 1 || shape.length > 1
          ? ` at ${placeOf(i - example * size, shape.slice(1))}`
          : "";
        return `example ${example} of ${data.name} has ${numbers[i]}${place} in its ${what}`;
      }
    }
  }
  return undefined;
}

/** The first weight of a model that has something else than finite numbers in it. */
export function badWeight(model: Model): string | undefined {
  for (const [name, { shape, data }] of model.weights) {
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) return `weight ${name} of the model has ${data[bad]} at ${placeOf(bad, shape)}`;
  }
  return undefined;
}

/** The examples of a step. */
function examplesOf({ data, batchSize, shuffle, seed }: TrainerOptions, step: number): Uint32Array {
  const stepsPerEpoch = Math.ceil(data.length / batchSize);
  const first = step % stepsPerEpoch * batchSize;
  const order = shuffle
    ? permutation(data.length, seed, Math.floor(step / stepsPerEpoch))
    : Uint32Array.from({ length: data.length }, (_, i) => i);
  return order.slice(first, first + batchSize);
}

/** Why a step had no finite loss, or left weights that are not finite. */
export interface Cause {
  readonly text: string;
  /** Whether it lies in the data, so that no other steps would have helped. */
  readonly isData: boolean;
}

/**
 * Looks for the cause in the data of a step of a run, and in what the model makes of it with the weights that it has now.
 * Undefined where none of it shows anything, so that the steps themselves were too large.
 */
export async function causeInTraining(options: TrainerOptions, step: number): Promise<Cause | undefined> {
  const { data, model, batchSize } = options;
  // What a step gets wrong may show at the next one.
  const steps = step > 0 ? [step - 1, step] : [step];
  const isAllSeen = (step + 1) * batchSize >= data.length;
  const inData =
    [...steps].reverse().map((tried) => badExample(data, examplesOf(options, tried).sort())).find(Boolean) ??
      (isAllSeen ? badExample(data) : undefined);
  if (inData) return { text: inData, isData: true };
  const weight = badWeight(model);
  if (weight) return { text: weight, isData: false };
  for (const tried of steps) {
    const found = await quietly(options.device, () => tryStep(options, tried));
    if (found) return { text: `${found} is the first thing that is infinite or NaN`, isData: false };
  }
  return undefined;
}

/** The first layer that gives something else than finite numbers for one input, `[1, ...]`, as the network takes it. */
export async function badLayer(model: Model, device: Device, input: NdArray): Promise<string | undefined> {
  return await quietly(device, async () => {
    const blocks = new ModelBlocks(model, device);
    const state: State = new State(device, blocks.values());
    try {
      return await firstFalse(state, { x: input }, (s, { x }) => {
        const shown: [string, Tensor][] = [];
        model.apply(x, blocks.tensors(s).all, { watch: (name, y) => shown.push([`layer ${name}`, y]) });
        return shown;
      });
    } finally {
      state.close();
    }
  });
}

/** What is looked for may not be found, on a device that is full or lost: then the first error is the one that counts. */
async function quietly<T>(device: Device, find: () => Promise<T>): Promise<T | undefined> {
  const { tuning } = device;
  device.tuning = undefined; // kernels of one run are not worth being timed
  try {
    return await find();
  } catch {
    return undefined;
  } finally {
    device.tuning = tuning;
  }
}

/** Makes one step again, as far as its gradients; names the first thing in it that is not finite. */
async function tryStep(options: TrainerOptions, step: number): Promise<string | undefined> {
  const { device, model, data, loss, labelSmoothing, augmentation, seed, precision } = options;
  const blocks = new ModelBlocks(model, device);
  const state: State = new State(device, blocks.values());
  const chosen = examplesOf(options, step);
  const inputs = { x: rows(data.inputs, chosen), t: rows(data.targets, chosen) };
  try {
    return await firstFalse(state, inputs, (s, { x, t }) => {
      const random = new RandomSource({ seed, counter: step });
      const numbers = cast(x, "float32");
      const scaled = data.scale === 1 ? numbers : mul(numbers, data.scale);
      const changes = augmentation.flip || augmentation.shift;
      const { all, trained } = blocks.tensors(s);
      const shown: [string, Tensor][] = [];
      const { output, updates } = model.apply(changes ? augment(scaled, augmentation, random) : scaled, all, {
        training: true,
        random,
        precision,
        watch: (name, y) => shown.push([`the output of layer ${name}`, y]),
      });
      const targets = t.dtype === "uint8" ? cast(t, "int32") : t;
      const average = mean(judge(loss, output, targets, { labelSmoothing }).loss);
      const names = model.weightSpecs.filter(({ spec }) => spec.trainable).map(({ name }) => name);
      const gradients = precision === "mixed" ? [] : grad(average, trained);
      return [
        ...shown,
        ["the loss, of outputs that are finite,", average],
        ...gradients.map((gradient, i): [string, Tensor] => [`the gradient of ${names[i]}`, gradient]),
        ...Object.entries(updates).map(([name, value]): [string, Tensor] => [`the new ${name}`, value]),
      ];
    });
  } finally {
    state.close();
  }
}

/** Of named tensors the first that is not all finite; named in a sentence. */
async function firstFalse(
  state: State,
  inputs: Readonly<Record<string, NdArray>>,
  trace: (state: Record<string, Tensor>, inputs: Record<string, Tensor>) => [string, Tensor][],
): Promise<string | undefined> {
  const names: string[] = [];
  const types = Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape }]) => [name, { dtype, shape }]),
  );
  const tried = await program((s: Record<string, Tensor>, given: Record<string, Tensor>) => {
    const shown = trace(s, given);
    names.push(...shown.map(([name]) => name));
    return {
      outputs: Object.fromEntries(shown.map(([, value], i) => [`${i}`, min(cast(isFinite(value), "int32"))])),
    };
  }, { state, inputs: types });
  try {
    const flags = await tried.call(inputs);
    const bad = names.findIndex((_, i) => flags[`${i}`].data[0] === 0);
    return bad < 0 ? undefined : names[bad];
  } finally {
    tried.close();
  }
}
