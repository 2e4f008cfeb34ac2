/** A layer by itself: traced on its inputs and weights, or run on a device with the gradients of a weighed sum. */
import { compileProgram } from "../../engine/compile_program.ts";
import type { NdArray } from "../../engine/array.ts";
import type { Device } from "../../engine/device.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Layer } from "../../models/layer.ts";
import { grad, mul, RandomSource, sum, tensor } from "../../ops/mod.ts";

/** What a layer gives for a batch of each of its inputs. */
export function traceLayer(
  layer: Layer,
  inputs: readonly Tensor[],
  weights: Readonly<Record<string, Tensor>>,
  training = false,
): Tensor {
  return layer.apply(inputs[0], {
    training,
    random: new RandomSource({ seed: 0 }),
    inputs,
    weights,
    product: (result) => result,
    update: () => {},
    handOn: () => {},
    give: () => {},
  });
}

/** Factors that differ, so that no gradient hides behind another one. */
export const factorsFor = (size: number) =>
  Float32Array.from({ length: size }, (_, i) => Math.cos(3 * i) + 0.3);

/** The sum of the elements of `y`, each times its own factor: what {@linkcode runLayer} takes gradients of. */
export const weighedSum = (y: Tensor): Tensor => sum(mul(y, tensor(factorsFor(y.size), y.shape)));

/** The output of a layer, and gradients by `x0`, `x1` ... (those that are float32) and the names of weights. */
export async function runLayer(
  layer: Layer,
  device: Device,
  inputs: readonly NdArray[],
  weights: Readonly<Record<string, NdArray>>,
  options: { training?: boolean } = {},
): Promise<Record<string, NdArray>> {
  const given = { ...Object.fromEntries(inputs.map((x, i) => [`x${i}`, x])), ...weights };
  const program = await compileProgram((_state, leaves: Record<string, Tensor>) => {
    const own = Object.fromEntries(Object.keys(weights).map((name) => [name, leaves[name]]));
    const output = traceLayer(layer, inputs.map((_, i) => leaves[`x${i}`]), own, options.training);
    const names = Object.keys(given).filter((name) => leaves[name].dtype === "float32");
    const gradients = grad(weighedSum(output), names.map((name) => leaves[name]));
    return { outputs: { output, ...Object.fromEntries(names.map((name, i) => [name, gradients[i]])) } };
  }, { device, inputs: given });
  const results = await program.call(given);
  program.close();
  return results;
}
