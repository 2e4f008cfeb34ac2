/** What `train_step.ts` measured, as a chart: images a second of each runner. */
import { type Bar, barChart } from "./bar_chart.ts";

/** What of a record is drawn. */
export interface TrainRecord {
  readonly date: string;
  readonly machine: string;
  readonly batch: number;
  readonly results: readonly {
    /** Who, the device, how: `Gesso, cpu, 2 threads, tuned`. */
    readonly name: string;
    readonly imagesPerSecond: number;
  }[];
}

/** Draws a record: a group for each kind of device. */
export function trainPlot({ date, machine, batch, results }: TrainRecord): string {
  const groups = new Map<string, { name: string; bars: Bar[] }>();
  for (const { name, imagesPerSecond } of results) {
    const device = /, ((?:webgpu|cuda).*)/.exec(name)?.[1] ?? "cpu";
    const [kind] = device.split(",");
    // The first one is Gesso without more, which names the adapter; peers only say the kind.
    const group = groups.get(kind) ?? { name: device, bars: [] };
    groups.set(kind, group);
    group.bars.push({
      name: name.replace(`, ${group.name}`, "").replace(`, ${kind}`, ""),
      value: imagesPerSecond,
      label: imagesPerSecond.toLocaleString("en", { maximumFractionDigits: imagesPerSecond < 100 ? 1 : 0 }),
      series: name.startsWith("Gesso") ? 0 : 1,
    });
  }
  return barChart({
    title: `Training step of the worked example, batch ${batch}: images a second`,
    note: `${date.slice(0, 10)}, ${machine}`,
    series: ["Gesso", "other libraries"],
    unit: "",
    groups: [...groups.values()],
  });
}
