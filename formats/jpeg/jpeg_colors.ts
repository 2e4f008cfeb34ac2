/** From a JPEG file's values to red, green and blue. Source: ITU-T T.871, and Adobe's technical note 5116 */
import type { JpegHeader } from "./jpeg_header.ts";

/**
 * Turns pixels into red, green and blue, where they lie.
 *
 * @param data Three values a pixel, of which grey has the first, or four.
 * @returns The start of `data`: three values a pixel.
 */
export function toRgb(data: Uint8Array<ArrayBuffer>, colors: JpegHeader["colors"]): Uint8Array<ArrayBuffer> {
  const out = new Uint8ClampedArray(data.buffer); // rounds
  if (colors === "grey") {
    for (let i = 0; i < out.length; i += 3) out[i + 1] = out[i + 2] = out[i];
  }
  if (colors === "ycc") {
    for (let i = 0; i < out.length; i += 3) fromYcc(out, i);
  }
  if (colors === "grey" || colors === "ycc" || colors === "rgb") return data;
  let to = 0;
  for (let i = 0; i < out.length; i += 4) {
    if (colors === "inverted ycck") fromYcc(out, i);
    // Inverted values say how much light is left; where they come from brightness, that is turned round once more.
    const isLight = colors === "inverted cmyk";
    const key = colors === "cmyk" ? 255 - out[i + 3] : out[i + 3];
    for (let channel = 0; channel < 3; channel++) {
      const value = out[i + channel];
      out[to++] = (isLight ? value : 255 - value) * key / 255;
    }
  }
  return data.subarray(0, to);
}

function fromYcc(out: Uint8ClampedArray, i: number): void {
  const brightness = out[i];
  const blue = out[i + 1] - 128;
  const red = out[i + 2] - 128;
  out[i] = brightness + 1.402 * red;
  out[i + 1] = brightness - 0.344136 * blue - 0.714136 * red;
  out[i + 2] = brightness + 1.772 * blue;
}
