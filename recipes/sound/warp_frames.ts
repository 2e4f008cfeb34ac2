/** Changes sounds that lie there as frames of bands, so that there are more of a kind than were recorded. */
import type { Tensor } from "../../engine/tensor.ts";
import {
  abs,
  add,
  cast,
  clamp,
  exp,
  iota,
  matmul,
  mul,
  type RandomSource,
  relu,
  reshape,
  sub,
  transpose,
} from "../../ops/mod.ts";

/** How far sounds are changed at most. */
export interface Warp {
  /** The logarithm of how much longer or shorter they become. */
  readonly time: number;
  /** Bands that they are moved up or down by. */
  readonly pitch: number;
}

/** Frames `[batch, frames, bands]`, each sound longer or shorter, higher or lower by a part of what is allowed, chosen at random. */
export function warpFrames(x: Tensor, { time, pitch }: Warp, random: RandomSource): Tensor {
  const [batch, frames, bands] = x.shape;
  const draw = (most: number) => random.uniform([batch, 1], { low: -most, high: most });
  const places = (count: number) => reshape(cast(iota(count), "float32"), [1, count]);
  const inTime = mul(places(frames), exp(draw(time)));
  const inPitch = add(places(bands), draw(pitch));
  return matmul(matmul(between(inTime), x), transpose(between(inPitch), [0, 2, 1]));
}

/** Weights that take values from between places: `[batch, places, places]`, of which each row has two beside each other. */
function between(wanted: Tensor): Tensor {
  const [batch, count] = wanted.shape;
  const own = reshape(cast(iota(count), "float32"), [1, 1, count]);
  const inside = reshape(clamp(wanted, 0, count - 1), [batch, count, 1]);
  return relu(sub(1, abs(sub(inside, own))));
}
