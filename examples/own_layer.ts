/**
 * A layer of one's own, trained, saved and loaded: y = x sigmoid(b x), with a slope b that is learned for each channel.
 *
 *     deno run --allow-read=. --allow-write=runs examples/own_layer.ts
 */
import {
  evaluate,
  fit,
  layers,
  loadModel,
  ops,
  registerLayer,
  saveModel,
  sequential,
  shapes,
} from "@gesso/gesso";
import { progress } from "./progress.ts";

/** What the layer is, and how a file describes it: its type, and its options as JSON. */
function swish(options: { slope?: number } = {}): layers.Layer {
  const { slope = 1 } = options;
  return {
    type: "swish",
    config: { slope },
    outputShape: (input) => [...input],
    weights: (input) => [{ name: "slope", shape: [input.at(-1)!], initializer: "zeros", trainable: true }],
    apply: (x, { weights }) => ops.mul(x, ops.sigmoid(ops.mul(x, ops.add(weights.slope, slope)))),
  };
}

// A file names the type; this is what makes the layer of it again. No code is ever loaded from files.
registerLayer("swish", (config) => swish(config));

/** Trains a small network with the layer, saves it, and shows that what is loaded is the same. */
export async function main({ images = 4000, epochs = 3, path = "runs/own-layer.safetensors" } = {}) {
  const { train, test } = shapes({ train: images, test: 500 });
  const model = sequential([
    layers.conv2d({ filters: 16, kernelSize: 3 }),
    swish(),
    layers.maxPool2d(),
    layers.conv2d({ filters: 32, kernelSize: 3 }),
    swish({ slope: 0.5 }),
    layers.maxPool2d(),
    layers.flatten(),
    layers.dense({ units: 10 }),
  ], { inputShape: [32, 32, 3] });
  await fit(model, train, { epochs, callbacks: [progress] });
  await saveModel(model, path);

  const [before, after] = [await evaluate(model, test), await evaluate(await loadModel(path), test)];
  console.log(`accuracy ${before.accuracy}, of the loaded model ${after.accuracy}`);
  return { before, after };
}

if (import.meta.main) await main();
