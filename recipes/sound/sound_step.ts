/** The step that trains a network to expect sounds. */
import type { Tensor } from "../../engine/tensor.ts";
import { frameLoss } from "../../models/frame_mixture.ts";
import { add, broadcastTo, concat, expandDims, full, mean, mul, slice } from "../../ops/mod.ts";
import type { Parameters } from "../../training/step/parameters.ts";
import { type TrainStep, trainStep } from "../../training/step/train_step.ts";
import { SILENCE } from "./sound_frames.ts";
import { warpFrames } from "./warp_frames.ts";

/** How sounds are changed, each time they are heard. */
const WARP = { time: 0.15, pitch: 1 };
/** Noise on what is known of the frames before, as what is drawn is never quite what was recorded. */
const NOISE = 0.1;

/** A step on batches of `frames` and `kind`, the class of each sound. */
export function soundStep(set: Parameters): TrainStep {
  return trainStep(({ batch, random }) => {
    const frames = warpFrames(batch.frames, WARP, random);
    const before = behindSilence(frames);
    const known = add(before, mul(random.normal(before.shape), NOISE));
    const [count, length] = frames.shape;
    const kind = broadcastTo(expandDims(batch.kind, 1), [count, length]);
    const loss = mean(frameLoss(set.apply({ before: known, kind }), frames), [1]);
    return { minimize: [[loss, set]], metrics: { loss } };
  });
}

/** The frame before each, with silence before the first. */
function behindSilence(frames: Tensor): Tensor {
  const [count, length, bands] = frames.shape;
  return concat([full([count, 1, bands], SILENCE), slice(frames, [0, 0, 0], [count, length - 1, bands])], 1);
}
