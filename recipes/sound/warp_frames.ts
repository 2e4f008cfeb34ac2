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
  relu,
  reshape,
  slice,
  sub,
  transpose,
} from "../../ops/mod.ts";

/** The logarithm of how much longer or shorter sounds become at most, and the bands that they are moved up or down by. */
const [TIME, PITCH] = [0.15, 1];

/**
 * Frames `[batch, frames, bands]`, each sound shorter or longer, lower or higher; `changes` `[batch, 2]` say how much of what is
 * allowed, from -1 to 1.
 */
export function warpFrames(x: Tensor, changes: Tensor): Tensor {
  const [batch, frames, bands] = x.shape;
  const change = (which: number) => slice(changes, [0, which], [batch, 1]);
  const places = (count: number) => reshape(cast(iota(count), "float32"), [1, count]);
  const inTime = mul(places(frames), exp(mul(change(0), TIME)));
  const inPitch = add(places(bands), mul(change(1), PITCH));
  return matmul(matmul(between(inTime), x), transpose(between(inPitch), [0, 2, 1]));
}

/** Weights that take values from between places: `[batch, places, places]`, of which each row has two beside each other. */
function between(wanted: Tensor): Tensor {
  const [batch, count] = wanted.shape;
  const own = reshape(cast(iota(count), "float32"), [1, 1, count]);
  const inside = reshape(clamp(wanted, 0, count - 1), [batch, count, 1]);
  return relu(sub(1, abs(sub(inside, own))));
}
