/** What a network makes, again and again while it is trained: a sheet of pictures each time, and all of them as a film. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { pictureGrid } from "../../formats/drawing/picture_grid.ts";
import { encodeGif } from "../../formats/gif/gif_encoder.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import type { Callback } from "../../training/callbacks/callback.ts";
import type { Host } from "../recipe.ts";

/** Sheets in the film, at most: of more, every other one goes. */
const MOST_SHEETS = 60;
/** Sheets that the film shows in a second, and how often the last one stands in it. */
const [RATE, LAST] = [6, 12];

/** Sheets of one training. */
export interface SampleSheets {
  /** Makes a sheet before the first step and after each epoch, and keeps the newest as `samples.png`. */
  readonly callback: Callback;
  /** `progress.gif`: all sheets as a film; without the library that writes GIF, nothing, and a line that says so. */
  film(): Promise<Readonly<Record<string, Uint8Array>>>;
}

/**
 * Sheets of what `draw` gives, which should be of the same latents each time, so that one sees them change.
 *
 * @param draw The pictures, uint8 `[count, height, width, channels]`.
 */
export function sampleSheets(draw: () => Promise<NdArray>, host: Host, columns = 8): SampleSheets {
  let sheets: NdArray[] = [];
  const add = async () => {
    const sheet = pictureGrid({ images: await draw(), columns });
    sheets.push(sheet);
    await host.keep("samples.png", await encodePng(sheet));
    if (sheets.length > MOST_SHEETS) sheets = sheets.filter((_, i) => i % 2 === 0);
  };
  return {
    callback: { onStart: add, onEpoch: add },
    film: async (): Promise<Record<string, Uint8Array>> => {
      const frames = [...sheets, ...Array.from({ length: LAST }, () => sheets.at(-1)!)];
      const { length } = sheets[0].data;
      const data = new Uint8Array(frames.length * length);
      frames.forEach((frame, i) => data.set(frame.data, i * length));
      try {
        const film = ndarray("uint8", [frames.length, ...sheets[0].shape], data);
        return { "progress.gif": await encodeGif(film, { rate: RATE }) };
      } catch (error) {
        host.say("film", `left out: ${(error as Error).message}`);
        return {};
      }
    },
  };
}
