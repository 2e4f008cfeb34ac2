/** Tunes while a training is under way. */
import { musicOf } from "./music_description.ts";
import { ndarray } from "../../engine/array.ts";
import type { Model } from "../../models/model.ts";
import type { Callback } from "../../training/callbacks/callback.ts";
import type { Host } from "../recipe.ts";
import { type PieceDrawer, pieceDrawer } from "./draw_pieces.ts";
import { BAR, tuneFiles, tuneOf } from "./tune_files.ts";

/** Bars of each. */
const BARS = 8;

/** A callback that makes a short tune after the first epoch, the second, the fourth and so on, and says where it is. */
export function musicPreviews(model: Model, seed: number, host: Host): Callback {
  let drawer: PieceDrawer | undefined;
  const close = () => {
    drawer?.close();
    drawer = undefined;
  };
  return {
    onEpoch: async ({ epoch }, { device }) => {
      if (!Number.isInteger(Math.log2(epoch))) return;
      const music = musicOf(model)!;
      const steps = Math.max(2, Math.round(BARS * BAR / music.step));
      drawer ??= await pieceDrawer(model, { steps }, { device, signal: host.signal });
      const chords = await drawer.draw(seed);
      const tune = tuneOf(ndarray(chords.dtype, chords.shape.slice(1), chords.data), music, music.tempo);
      const name = `preview-${String(epoch).padStart(4, "0")}`;
      for (const [ending, bytes] of Object.entries(await tuneFiles(tune, `epoch ${epoch}`))) {
        await host.keep(name + ending, bytes);
      }
      host.say("preview", `${name}.wav: ${tune.notes.length} notes in ${BARS} bars`);
    },
    onInterrupt: close,
    onEnd: close,
  };
}
