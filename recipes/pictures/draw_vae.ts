/** New pictures by an autoencoder. */
import type { NdArray } from "../../engine/array.ts";
import { program } from "../../devices/program.ts";
import type { Model } from "../../models/model.ts";
import { vaeParts } from "../../models/vae.ts";
import { predict } from "../../training/fit/predict.ts";
import type { Where } from "../recipe.ts";
import { decodedPictures, likelihoodOf } from "./decoded_pictures.ts";
import type { PictureDrawer } from "./sample_sheets.ts";

const toPictures = (model: Model, decoded: NdArray) =>
  decodedPictures(decoded, likelihoodOf(model.inputs.image.shape[2]));

/** What the decoder makes of latents `[count, latents]`: uint8 `[count, height, width, channels]`. */
export const drawVae = async (model: Model, latents: NdArray, where: Where): Promise<NdArray<"uint8">> =>
  toPictures(model, await predict(vaeParts(model).decoder, latents, where));

/** The same of some latents again and again, by one program. */
export async function vaeDrawer(
  model: Model,
  latents: NdArray,
  { device, signal }: Where,
): Promise<PictureDrawer> {
  const { decoder } = vaeParts(model);
  // Names of weights have a slash in them: this is none.
  const inputs = (): Record<string, NdArray> => ({ ...Object.fromEntries(decoder.weights), latents });
  const decode = await program(
    (_state, { latents, ...weights }) => ({ outputs: { decoded: decoder.apply(latents, weights).output } }),
    { device, signal, inputs: inputs() },
  );
  return {
    draw: async () => toPictures(model, (await decode.call(inputs())).decoded),
    close: () => decode.close(),
  };
}
