/** From what a decoder gives to pictures of bytes. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Likelihood } from "./vae_step.ts";

/** Grey pixels are on or off with a probability; colours are bytes. */
export const likelihoodOf = (channels: number): Likelihood => channels === 1 ? "bernoulli" : "logistic";

const byte = (value: number) => Math.round(255 * Math.min(1, Math.max(0, value)));

/** The likeliest picture, uint8 `[count, height, width, channels]`, of what a decoder gives, `[count, height, width, values]`. */
export function decodedPictures({ data, shape }: NdArray, likelihood: Likelihood): NdArray<"uint8"> {
  const [count, height, width, values] = shape;
  if (likelihood === "bernoulli") {
    return ndarray("uint8", shape, Uint8Array.from(data, (logit) => byte(1 / (1 + Math.exp(-logit)))));
  }
  const channels = values / 2;
  const pixels = new Uint8Array(count * height * width * channels);
  for (let i = 0; i < pixels.length; i++) {
    const raw = data[Math.floor(i / channels) * values + i % channels];
    pixels[i] = byte((Math.tanh(raw) + 1) / 2);
  }
  return ndarray("uint8", [count, height, width, channels], pixels);
}
