/** What a network makes, again and again while it is trained: a sheet of pictures each time, and all of them as a film. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { pictureGrid } from "../../formats/drawing/picture_grid.ts";
import { encodeGif } from "../../formats/gif/gif_encoder.ts";
import { encodePng } from "../../formats/png/png_encoder.ts";
import type { Callback } from "../../training/callbacks/callback.ts";
import type { Host, Where } from "../recipe.ts";

/** Sheets of a training, at most, beside the last one: of more epochs, only some have one. */
const SHEETS = 60;
/** Sheets that the film shows in a second, and how often the last one stands in it. */
const [RATE, LAST] = [6, 12];

/** Makes the pictures of a sheet. */
export interface PictureDrawer {
  /** Pictures, uint8 `[count, height, width, channels]`, of the same latents each time, with the weights of the moment. */
  draw(): Promise<NdArray>;
  /** Frees the program. */
  close(): void;
}

/** Sheets of one training. */
export interface SampleSheets {
  /** Makes a sheet before the first step and after epochs, and keeps the newest as `samples.png`. */
  readonly callback: Callback;
  /**
   * `progress.gif`: the sheets that were made as a film. Nothing where there are none, as in a run that had ended before; without
   * the library that writes GIF, nothing, and a line that says so.
   */
  film(): Promise<Readonly<Record<string, Uint8Array>>>;
}

/** Sheets of what is drawn by what `open` gives. */
export function sampleSheets(open: (where: Where) => Promise<PictureDrawer>, host: Host): SampleSheets {
  const sheets: NdArray[] = [];
  let drawer: PictureDrawer | undefined;
  const add: NonNullable<Callback["onStart"]> = async ({ device }) => {
    drawer ??= await open({ device, signal: host.signal });
    const sheet = pictureGrid({ images: await drawer.draw() });
    sheets.push(sheet);
    await host.keep("samples.png", await encodePng(sheet));
  };
  const close = () => {
    drawer?.close();
    drawer = undefined;
  };
  return {
    callback: {
      onStart: add,
      onEpoch: async ({ epoch }, run) => {
        if (epoch % Math.ceil(run.epochs / SHEETS) === 0 || epoch === run.epochs) await add(run);
      },
      onInterrupt: close,
      onEnd: close,
    },
    film: async (): Promise<Record<string, Uint8Array>> => {
      const last = sheets.at(-1);
      if (!last) return {};
      const frames = [...sheets, ...new Array<NdArray>(LAST).fill(last)];
      const { length } = last.data;
      const data = new Uint8Array(frames.length * length);
      frames.forEach((frame, i) => data.set(frame.data, i * length));
      try {
        const film = ndarray("uint8", [frames.length, ...last.shape], data);
        return { "progress.gif": await encodeGif(film, { rate: RATE }) };
      } catch (error) {
        host.say("film", `left out: ${(error as Error).message}`);
        return {};
      }
    },
  };
}
