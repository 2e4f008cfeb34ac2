/**
 * Why numbers became infinite or NaN: the first example, parameter or layer that shows it, in words. Loaded when something is
 * wrong.
 */
import type { NdArray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { program } from "../../devices/program.ts";
import { Dataset } from "../../data/dataset.ts";
import { permutation } from "../../data/permutation.ts";
import type { Model } from "../../models/model.ts";
import { cast, isFinite, min } from "../../ops/mod.ts";
import type { Trainer } from "../loop/trainer.ts";
import type { Parameters } from "../step/parameters.ts";
import { badExample, badWeight } from "./bad_example.ts";

/** The examples of a step. */
function examplesOf({ stepsPerEpoch, options }: Trainer, step: number): Uint32Array {
  const { data, batchSize, shuffle, carry, seed } = options;
  const inEpoch = step % stepsPerEpoch;
  if (carry) return Uint32Array.from({ length: batchSize }, (_, row) => row * stepsPerEpoch + inEpoch);
  const first = inEpoch * batchSize;
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
 * Looks for the cause in the data of a step of a run, and in what the step makes of it with the last good parameters (those of the
 * host when left out). Undefined where none of it shows anything, so that the steps themselves were too large. The run cannot go on
 * afterwards.
 */
export async function causeInTraining(
  trainer: Trainer,
  step: number,
  lastGood: Readonly<Record<string, NdArray>> | undefined,
): Promise<Cause | undefined> {
  const { sets, options: { device, data, batchSize } } = trainer;
  // What a step gets wrong may show at the next one.
  const steps = step > 0 ? [step - 1, step] : [step];
  const isAllSeen = (step + 1) * batchSize >= data.length;
  const inData = data instanceof Dataset
    ? [...steps].reverse().map((tried) => badExample(data, examplesOf(trainer, tried).sort())).find(
      Boolean,
    ) ??
      (isAllSeen ? badExample(data) : undefined)
    : undefined;
  if (inData) return { text: inData, isData: true };
  const nameOf = ({ model, name }: Parameters) => model && sets.length === 1 ? "the model" : name;
  const weight = sets.map((set) => badWeight(nameOf(set), set.weights)).find(Boolean);
  if (weight) return { text: weight, isData: false };
  for (const tried of steps) {
    const found = await quietly(device, async () => {
      const state = await trainer.rewind(tried, lastGood);
      return await firstNotFinite(state, {}, () => shownBy(trainer));
    });
    if (found) return { text: `${found} is the first thing that is infinite or NaN`, isData: false };
  }
  return undefined;
}

/** What a step computes, in the order in which it does, with words for each. */
function shownBy({ traced: { step, updates }, sets }: Trainer): [string, Tensor][] {
  const trained = sets.filter(({ optimizer }) => optimizer);
  const of = (set: string) => sets.length > 1 ? ` of ${set}` : "";
  return [
    ...step.parameters.watched.map(({ set, layer, result }): [string, Tensor] => [
      `the output of layer ${layer}${of(set.name)}`,
      result,
    ]),
    ...step.losses.map(({ loss, blocks }): [string, Tensor] => [
      `the loss${trained.length > 1 ? of(blocks.set.name) : ""}, of outputs that are finite,`,
      loss,
    ]),
    ...updates.flatMap(({ gradients }, i) =>
      gradients.map((gradient, g): [string, Tensor] => {
        const { blocks } = step.losses[i];
        return [`the gradient of ${blocks.trained[g]}${of(blocks.set.name)}`, gradient];
      })
    ),
    ...step.parameters.updates.map(([name, value]): [string, Tensor] => [`the new ${name}`, value]),
  ];
}

/** The first layer that gives something else than finite numbers for one example, `[1, ...]`, as the network takes it. */
export async function badLayer(
  model: Model,
  device: Device,
  inputs: Readonly<Record<string, NdArray>>,
): Promise<string | undefined> {
  return await quietly(device, async () => {
    const state = new State(device, Object.fromEntries(model.weights));
    try {
      return await firstNotFinite(state, inputs, (s, x) => {
        const shown: [string, Tensor][] = [];
        model.apply(x, s, { watch: (name, y) => shown.push([`layer ${name}`, y]) });
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

/** Of named tensors the first that is not all finite; named in a sentence. */
async function firstNotFinite(
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
