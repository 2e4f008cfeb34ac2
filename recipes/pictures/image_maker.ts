/** `generate image`: new pictures by any of the networks that make some. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { pictureGrid } from "../../formats/drawing/picture_grid.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import type { Model } from "../../models/model.ts";
import type { Maker, Where } from "../recipe.ts";
import { UsageError } from "../usage_error.ts";
import { drawVae } from "./draw_vae.ts";
import { normalNoise } from "./normal_noise.ts";

/** The most pictures at a time. */
const MOST = 1000;

/** How a recipe's models make pictures of noise `[count, latents]`. */
interface Drawing {
  /** Numbers of noise that a picture is made of. */
  latents(model: Model): number;
  draw(model: Model, noise: NdArray, where: Where): Promise<NdArray<"uint8">>;
}

const drawings: Readonly<Record<string, Drawing>> = {
  vae: { latents: (model) => model.outputs.mean[0], draw: drawVae },
};

/** Makes pictures as PNG files. */
export const imageMaker: Maker = {
  name: "image",
  summary: "Make new pictures with a model of train vae, as PNG files.",
  extensions: [".png"],
  options: [
    {
      name: "count",
      value: "N",
      help: "how many; several lie side by side in one file",
      number: { whole: true, least: 1, most: MOST },
      default: 64,
    },
    {
      name: "truncation",
      value: "T",
      help: "how far from what is most usual: 1 as in training, less is surer and more alike",
      number: { least: 0, most: 10 },
      default: 1,
    },
    { name: "single", help: "a file for each picture, in its own size" },
  ],
  make: async (model, values, { where }) => {
    const drawing = drawings[model.info.recipe ?? ""];
    if (!drawing) {
      throw new UsageError(
        `Cannot make images with ${model.name}: it is no model of train ${
          Object.keys(drawings).join(" or train ")
        }`,
      );
    }
    const [count, truncation, seed] = ["count", "truncation", "seed"].map((name) => values.number(name)!);
    const noise = normalNoise(count, drawing.latents(model), seed);
    const scaled = ndarray("float32", noise.shape, noise.data.map((value) => value * truncation));
    const images = await drawing.draw(model, scaled, where);
    const text = {
      Software: "Gesso",
      Comment: JSON.stringify({
        recipe: model.info.recipe,
        dataset: model.info.dataset,
        seed,
        truncation,
        count,
      }),
    };
    if (!values.has("single")) {
      return { files: { ".png": await encodePng(pictureGrid({ images }), { text }) } };
    }
    const [, ...shape] = images.shape;
    const size = images.data.length / count;
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < count; i++) {
      const image = ndarray("uint8", shape, images.data.subarray(i * size, (i + 1) * size));
      files[`-${i + 1}.png`] = await encodePng(image, { text });
    }
    return { files };
  },
};
