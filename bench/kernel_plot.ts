/** What `kernels.ts` measured, as a chart: the share of what the device reaches at best, kernel by kernel. */
import { type Bar, barChart } from "./bar_chart.ts";
import { largeMemoryCases, memoryCases } from "./memory_cases.ts";

/** What of a record is drawn. */
export interface KernelRecord {
  readonly date: string;
  readonly machine: string;
  /** Descriptions of the devices, by kind. */
  readonly devices: Readonly<Record<string, string>>;
  readonly results: readonly {
    /** The device's kind. */
    readonly device: string;
    readonly group: string;
    readonly name: string;
    /** GFLOP/s, or GB/s. */
    readonly rate: number;
    /** Of what the device reaches at best, 1 for all of it. */
    readonly share: number;
  }[];
}

const memoryGroups = new Set([...memoryCases, ...largeMemoryCases(1)].map(({ group }) => group));

/** Draws a record: a group for each device. */
export function kernelPlot({ date, machine, devices, results }: KernelRecord): string {
  const barOf = ({ group, name, rate, share }: KernelRecord["results"][number]): Bar => {
    const isMemory = memoryGroups.has(group);
    const figure = `${rate.toFixed(rate < 1 ? 2 : 1)} ${isMemory ? "GB/s" : "GFLOP/s"}`;
    return {
      name: `${group}: ${name}`,
      value: 100 * share,
      label: `${figure}, ${(100 * share).toFixed(0)} %`,
      series: isMemory ? 1 : 0,
    };
  };
  return barChart({
    title: "Kernels: share of what the device reaches at best",
    note: `${date.slice(0, 10)}, ${machine}`,
    series: ["GFLOP/s, of multiply-adds alone", "GB/s, of a copy of as many bytes"],
    unit: " %",
    groups: Object.entries(devices).map(([kind, name]) => ({
      name,
      bars: results.filter(({ device }) => device === kind).map(barOf),
    })),
  });
}
