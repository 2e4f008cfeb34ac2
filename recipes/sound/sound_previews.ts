/** Sounds that a network makes while it is trained. */
import { encodeWav } from "../../formats/wav/wav_encoder.ts";
import type { Model } from "../../models/model.ts";
import type { Callback } from "../../training/callbacks/callback.ts";
import type { Host } from "../recipe.ts";
import { makeSounds } from "./make_sounds.ts";
import { oneAfterAnother } from "./sound_files.ts";

/** How many there are in a training. */
const PREVIEWS = 4;

/** Writes a sound of each class into the run's folder now and then. */
export function soundPreviews(model: Model, { epochs, host }: { epochs: number; host: Host }): Callback {
  const every = Math.max(1, Math.floor(epochs / PREVIEWS));
  return {
    onEpoch: async ({ epoch }, { device }) => {
      if (epoch % every !== 0 || epoch === epochs) return;
      const { rate, classes } = model.info.sound!;
      const kinds = classes!.map((_, kind) => kind);
      const clips = await makeSounds(model, { kinds, temperature: 0.4, seed: 0 }, {
        device,
        signal: host.signal,
      });
      const name = `preview-${epoch}.wav`;
      await host.keep(name, encodeWav(oneAfterAnother(clips, rate)));
      host.say("preview", `${name}: ${classes!.join(", ")}`);
    },
  };
}
