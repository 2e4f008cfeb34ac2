/** Where in a sound a frame is, and how the sound is changed, as numbers that a network can use. */
import type { Tensor } from "../../engine/tensor.ts";
import {
  broadcastTo,
  cast,
  concat,
  cos,
  div,
  exp,
  expandDims,
  iota,
  mul,
  neg,
  reshape,
  sub,
} from "../../ops/mod.ts";

/** Frames in which numbers fall to a part of 1/e. */
const FALLS = [1, 2, 4, 8, 16, 32, 64];
/** Half turns of cosines over all frames. */
const TURNS = [1, 2, 3, 4];
/** How many numbers there are, with those for the change in time and in pitch. */
export const PLACES = FALLS.length + TURNS.length + 2;

/** Numbers for each frame, `[sounds, frames, PLACES]`; `changes` `[sounds, 2]` are how each sound is changed, from -1 to 1. */
export function placesOf(changes: Tensor, frames: number): Tensor {
  const [sounds] = changes.shape;
  const at = reshape(cast(iota(frames), "float32"), [frames, 1]);
  const columns = [
    ...FALLS.map((fall) => exp(neg(div(at, fall)))),
    ...TURNS.map((turns) => cos(mul(at, turns * Math.PI / frames))),
  ];
  // About as far apart as what networks begin with expects.
  const places = mul(sub(concat(columns, 1), 0.3), 2);
  return concat([
    broadcastTo(expandDims(places, 0), [sounds, frames, columns.length]),
    broadcastTo(expandDims(changes, 1), [sounds, frames, 2]),
  ], 2);
}
