/** The step that trains a network to make sounds. */
import { frameLoss } from "../../models/frame_distribution.ts";
import { broadcastTo, expandDims, mean, oneHot } from "../../ops/mod.ts";
import type { Parameters } from "../../training/step/parameters.ts";
import { type TrainStep, trainStep } from "../../training/step/train_step.ts";
import { placesOf } from "./sound_places.ts";
import { warpFrames } from "./warp_frames.ts";

/**
 * A step on batches of `frames` and `sound`, the number of each among those in training. Each time it is changed in time and pitch;
 * the network knows how, so that it can be asked for such changes.
 */
export function soundStep(set: Parameters): TrainStep {
  const [, sounds] = set.model!.inputs.like.shape;
  return trainStep(({ batch, random }) => {
    const [count, length] = batch.frames.shape;
    const changes = random.uniform([count, 2], { low: -1, high: 1 });
    const frames = warpFrames(batch.frames, changes);
    const like = broadcastTo(expandDims(oneHot(batch.sound, sounds), 1), [count, length, sounds]);
    const loss = mean(frameLoss(set.apply({ like, place: placesOf(changes, length) }), frames), [1]);
    return { minimize: [[loss, set]], metrics: { loss } };
  });
}
