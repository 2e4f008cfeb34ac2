/** What a measurement was made on, and how measurements are summed up. */
import description from "../deno.json" with { type: "json" };
import { joinsLanes } from "../devices/cpu/slices/joins_lanes.ts";

/** Gesso, Deno and the processor in one line, and whether the engine was told to join lanes. */
export function machine(): string {
  let processor = "";
  try {
    processor = /model name\s*:\s*(.*)/.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? "";
  } catch {
    // Elsewhere than on Linux the name is left out.
  }
  const threads = navigator.hardwareConcurrency;
  return `Gesso ${description.version}, Deno ${Deno.version.deno}, ${Deno.build.os}, ${threads} x ${
    processor || Deno.build.arch
  }${joinsLanes() ? ", joined lanes" : ""}`;
}

/** Seconds that something takes. */
export async function timed(run: () => unknown): Promise<number> {
  const begin = performance.now();
  await run();
  return (performance.now() - begin) / 1000;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
