/** `predict`: what a saved model sees in images. */
import { DRIVER_VARIABLES } from "../devices/webgpu/driver_environment.ts";
import { ndarray } from "../engine/array.ts";
import { decodeImage, resizeImage } from "../formats/image.ts";
import { predict as predictWith } from "../training/evaluate.ts";
import { type Command, UsageError } from "./command.ts";
import { deviceOptions, modelOption, openDevice, openModel } from "./model_options.ts";
import { bar, bold, green, percent } from "./terminal.ts";

/** The command. */
export const predict: Command = {
  name: "predict",
  summary: "Show what a saved model sees in images (PNG or JPEG, of any size).",
  operands: "IMAGE...",
  maxOperands: Infinity,
  permissions: { read: ["."], env: DRIVER_VARIABLES },
  options: [modelOption, ...deviceOptions],
  notes: ["Images elsewhere need --allow-read for their folder."],
  run: async (values, images) => {
    if (images.length === 0) {
      throw new UsageError("Cannot predict without an image: name one or more PNG or JPEG files");
    }
    const { model } = await openModel(values);
    const [height, width, channels] = model.inputShape;
    if (channels !== 3) {
      throw new UsageError(`Cannot predict from images: the model takes ${channels} channels, not 3`);
    }
    const bytes = new Uint8Array(images.length * height * width * 3);
    const sizes: string[] = [];
    for (const [i, path] of images.entries()) {
      const image = await decodeImage(await Deno.readFile(path), path);
      sizes.push(`${image.shape[1]}x${image.shape[0]}`);
      bytes.set(resizeImage(image, height, width).data, i * height * width * 3);
    }
    const device = await openDevice(values);
    const inputs = ndarray("uint8", [images.length, height, width, 3], bytes);
    const { data, shape: [, classes] } = await predictWith(model, inputs, { device, probabilities: true });
    device.close();
    const names = model.info.classNames ?? Array.from({ length: classes }, (_, i) => `class ${i}`);
    const longest = Math.max(...names.map((n) => n.length));
    images.forEach((path, i) => {
      const row = [...data.subarray(i * classes, (i + 1) * classes)];
      const order = row.map((_, c) => c).sort((a, b) => row[b] - row[a]);
      console.log(`\n${bold(path)} (${sizes[i]})`);
      order.forEach((c, rank) => {
        const line = `  ${names[c].padEnd(longest)} ${percent(row[c]).padStart(7)}  ${bar(row[c], 30)}`;
        console.log(rank === 0 ? green(line) : line);
      });
    });
  },
};
