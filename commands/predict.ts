/** `predict`: what a saved model sees in images. */
import { type NdArray, ndarray } from "../engine/array.ts";
import { visible } from "../engine/visible.ts";
import { decodeImage, resizeImage } from "../formats/image/image.ts";
import { probabilitiesOf } from "../recipes/classification/probabilities.ts";
import { recipeOfModel } from "../recipes/recipes.ts";
import type { Command } from "./command.ts";
import { UsageError } from "../recipes/usage_error.ts";
import { messageOf } from "./failure.ts";
import { deviceOptions, modelNeeds, modelOption, openDevice, openModel } from "./options/model_options.ts";
import { sharedFolders } from "./permissions/paths.ts";
import { DEVICE_VARIABLES, joinPermissions } from "./permissions/permissions.ts";
import { classRows } from "./terminal/class_rows.ts";
import { bold, print, printError } from "./terminal/print.ts";
import { readFileUpTo } from "./permissions/read_file.ts";

/** Those of the largest picture that is read, not compressed, of 16 bits and with opacity, and some for texts. */
const mostBytes = 1_000_000_000;

/** The command. */
export const predict: Command = {
  name: "predict",
  summary: "Show what a saved model sees in images (PNG, JPEG or WebP, of any size).",
  operands: "IMAGE...",
  maxOperands: Infinity,
  permissions: { read: ["."], env: DEVICE_VARIABLES },
  needs: (values, images) => ({
    now: joinPermissions(modelNeeds(values), { read: images }),
    later: { read: sharedFolders(images) },
  }),
  options: [modelOption, ...deviceOptions],
  notes: ["Images elsewhere need --allow-read for their folder."],
  run: async (values, paths) => {
    if (paths.length === 0) {
      throw new UsageError("Cannot predict without an image: name one or more PNG, JPEG or WebP files");
    }
    const { model } = await openModel(values);
    const shapes = Object.values(model.inputs).map(({ shape }) => shape);
    const [[height, width, channels]] = shapes;
    if (shapes.length !== 1 || shapes[0].length !== 3 || channels !== 3) {
      const taken = shapes.map((shape) => `[${shape.join(", ")}]`).join(" and ");
      throw new UsageError(
        `Cannot predict from images: the model takes ${taken}, no images of 3 channels`,
      );
    }
    const { images, refused } = await readImages(paths, height, width);
    if (images.length > 0) {
      const device = await openDevice(values);
      const inputs = joinImages(images.map(({ image }) => image));
      const { seesMirrored = false } = recipeOfModel(model);
      const { data, shape } = await probabilitiesOf(model, inputs, seesMirrored, { device });
      device.close();
      const names = model.info.classNames ?? [];
      const classes = Array.from({ length: shape[1] }, (_, i) => visible(names[i] ?? `class ${i}`));
      images.forEach(({ path, size }, i) => {
        print("", `${bold(visible(path))} (${size})`);
        print(...classRows(classes, data.subarray(i * classes.length, (i + 1) * classes.length)));
      });
    }
    for (const line of refused.slice(0, -1)) printError(line);
    if (refused.length > 0) throw new Error(refused.at(-1));
  },
};

interface NamedImage {
  readonly path: string;
  /** That of the file. */
  readonly size: string;
  /** As the model takes it. */
  readonly image: NdArray;
}

/** Reads what can be read, and says why the others cannot. */
async function readImages(
  paths: readonly string[],
  height: number,
  width: number,
): Promise<{ images: NamedImage[]; refused: string[] }> {
  const [images, refused]: [NamedImage[], string[]] = [[], []];
  for (const path of paths) {
    try {
      const { isDirectory, isCharDevice } = await Deno.stat(path);
      if (isDirectory || isCharDevice) {
        throw new Error(
          `Cannot read ${path}: it is a ${
            isDirectory ? "folder; name the pictures in it" : "device, no picture"
          }`,
        );
      }
      const image = await decodeImage(await readFileUpTo(mostBytes, path, "a picture"), path);
      const size = `${image.shape[1]}x${image.shape[0]}`;
      images.push({ path, size, image: resizeImage(image, height, width) });
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      refused.push(messageOf(error));
    }
  }
  return { images, refused };
}

function joinImages(images: readonly NdArray[]): NdArray {
  const { length } = images[0].data;
  const bytes = new Uint8Array(images.length * length);
  images.forEach((image, i) => bytes.set(image.data, i * length));
  return ndarray("uint8", [images.length, ...images[0].shape], bytes);
}
