/** The training step of a recurrent network that expects chords, for the clock: `train music --head keys` in small. */
import { adam, type Device, models, ndarray, ops } from "../mod.ts";
import { type NetStep, netStep } from "./net_step.ts";

/** Pieces a step, and their steps, as the recipe has them. */
const [BATCH, STEPS, KEYS] = [4, 64, 88];

/** Piano rolls of 4 pieces of 64 steps; a recurrent layer of some units, half of them dropped, and 88 keys that are down or not; Adam. */
export async function chords(device: Device, cell: "rnn" | "gru", units: number): Promise<NetStep> {
  const model = models.chordRnn({ length: STEPS, cell, units, dropout: 0.5 });
  const roll = Float32Array.from(
    { length: BATCH * (STEPS + 1) * KEYS },
    (_, i) => (i * 7919) % 22 === 0 ? 1 : 0,
  );
  return await netStep(device, {
    weights: Object.fromEntries(model.weightSpecs.map(({ name, spec }) => [name, spec.shape])),
    data: { roll: ndarray("float32", [BATCH, STEPS + 1, KEYS], roll) },
    optimizer: adam(),
    rate: 0.001,
    items: BATCH * STEPS,
    unit: "chords",
    loss: ({ weights, data: { roll, step } }) => {
      const [before, chords] = [0, 1].map((first) => ops.slice(roll, [0, first, 0], [BATCH, STEPS, KEYS]));
      const random = new ops.RandomSource({ seed: 0, counter: ops.cast(step, "int32") });
      const { output } = model.apply({ before }, weights, { training: true, random });
      return ops.mean(ops.sum(ops.binaryCrossEntropy(output, chords), 2));
    },
  });
}
