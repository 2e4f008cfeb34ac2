/** Runs the batches of a feed, as a loop of steps does. */
import type { Device } from "../../../engine/device.ts";
import { type NdArray, ndarray } from "../../../engine/array.ts";
import { compileProgram } from "../../../engine/compile_program.ts";
import { State } from "../../../engine/state.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import { add, full } from "../../../ops/mod.ts";
import { DataFeed, type DataFeedOptions } from "../../../training/feed/data_feed.ts";

/** A step's batch as it was on the device. */
export interface ServedBatch {
  readonly fields: Readonly<Record<string, NdArray>>;
  /** Which examples count. */
  readonly counts: readonly number[];
}

/** The batches of some steps, from one on; `loads` are how many steps each load was good for. */
export async function serveFeed(
  device: Device,
  options: Omit<DataFeedOptions, "device" | "prefix">,
  steps: { from?: number; to: number },
): Promise<{ batches: ServedBatch[]; loads: number[]; stateNames: string[] }> {
  const feed = new DataFeed({ ...options, device, prefix: "" });
  const { from = 0, to } = steps;
  const held = feed.state();
  const state: State = new State(device, {
    ...held,
    step: ndarray("int32", [], [from]),
    seed: ndarray("uint32", [], [options.shuffleSeed ?? 0]),
  });
  const program = await compileProgram((s: Record<string, Tensor>) => {
    const batch = feed.batch(s, s.step, options.shuffleSeed === undefined ? undefined : s.seed);
    const counts = batch.counts ?? full([batch.size], 1);
    return { state: { step: add(s.step, 1) }, outputs: { ...batch.fields, counts } };
  }, { device, state });
  const batches: ServedBatch[] = [];
  const loads: number[] = [];
  try {
    for (let step = from; step < to;) {
      const times = await feed.load(state, step);
      loads.push(times);
      for (const end = Math.min(to, step + times); step < end; step++) {
        const { counts, ...fields } = await program.call() as Record<string, NdArray>;
        batches.push({ fields, counts: [...counts.data] });
      }
    }
    return { batches, loads, stateNames: Object.keys(held) };
  } finally {
    feed.close();
    program.close();
    state.close();
  }
}
