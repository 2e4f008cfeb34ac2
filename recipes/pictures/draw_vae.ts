/** New pictures by an autoencoder. */
import type { NdArray } from "../../engine/array.ts";
import type { Model } from "../../models/model.ts";
import { vaeParts } from "../../models/vae.ts";
import { predict } from "../../training/fit/predict.ts";
import type { Where } from "../recipe.ts";
import { decodedPictures, likelihoodOf } from "./decoded_pictures.ts";

/** What the decoder makes of latents `[count, latents]`: uint8 `[count, height, width, channels]`. */
export async function drawVae(model: Model, latents: NdArray, where: Where): Promise<NdArray<"uint8">> {
  const channels = model.inputs.image.shape[2];
  return decodedPictures(await predict(vaeParts(model).decoder, latents, where), likelihoodOf(channels));
}
