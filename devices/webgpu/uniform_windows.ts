/** Right sides of contractions as uniform memory, in as many windows as the size of such bindings asks for. */
import type { ContractionPlan } from "../contraction_plan.ts";
import type { Memory, UniformWindow } from "./kernel_text.ts";

/** What every adapter allows: bytes of a uniform binding, and where one may begin. */
const MOST_BYTES = 65536;
const ALIGNMENT = 256;
/** The sum is written out once for each window, so that many would take long to compile. */
const MOST_WINDOWS = 4;

/** A window, and the rounds of the outermost sum loop for which it holds the right side. */
export interface SumWindow extends UniformWindow {
  readonly rounds: number;
  /** The right side's first element in these rounds, in elements from the window's start. */
  readonly start: number;
}

/**
 * The windows through which a contraction can read its right side; `undefined` where it changes with loops outside of
 * the sum, has no columns side by side, or is too large.
 */
export function windowsOf({ right, sum, lane, laneStep }: ContractionPlan): SumWindow[] | undefined {
  const isEven = right.start.op === "const" && right.start.value % 4 === 0 && laneStep === 1 &&
    sum.every((loop) => loop.rightStep >= 0 && loop.rightStep % 4 === 0);
  if (!isEven) return undefined;
  const [outermost = { size: 1, rightStep: 0 }, ...inner] = sum;
  const columns = Math.ceil(lane.size / 4) * 4;
  const reach = inner.reduce((elements, loop) => elements + (loop.size - 1) * loop.rightStep, columns);
  /** What has to be bound for some rounds. */
  const windowAt = (round: number, rounds: number): SumWindow => {
    const from = right.start.value + round * outermost.rightStep;
    const to = from + (rounds - 1) * outermost.rightStep + reach;
    const offset = Math.floor(4 * from / ALIGNMENT) * ALIGNMENT;
    return {
      memory: right.source as Memory,
      offset,
      bytes: 4 * to - offset,
      rounds,
      start: from - offset / 4,
    };
  };
  const windows: SumWindow[] = [];
  for (let round = 0; round < outermost.size;) {
    let rounds = outermost.size - round;
    while (rounds > 0 && windowAt(round, rounds).bytes > MOST_BYTES) rounds--;
    if (rounds === 0 || windows.length === MOST_WINDOWS) return undefined;
    windows.push(windowAt(round, rounds));
    round += rounds;
  }
  return windows;
}
