/**
 * How a training step's time and memory grow with the batch, the width of the network and the size of the images.
 * Writes a chart and the numbers of each.
 *
 *     deno task bench:scale [--device cpu|webgpu] [--rounds N] [--out DIR]
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  conv2d,
  cpuDevice,
  dense,
  type Device,
  flatten,
  lineChart,
  maxPool2d,
  type Model,
  sequential,
  webgpuDevice,
} from "../mod.ts";
import { machine, secondsOfOne } from "./machine.ts";
import { workedExample } from "./worked_example.ts";

const args = parseArgs(Deno.args, { string: ["device", "rounds", "out"] }) as Record<string, string>;
const rounds = Number(args.rounds ?? 5);
const out = args.out ?? "bench/results";
const device: Device = args.device === "webgpu" ? await webgpuDevice() : cpuDevice();

/** The worked example with other numbers of filters and units, for images of a size. */
function network(width: number, size: number): Model {
  const relu = { activation: "relu" } as const;
  return sequential([
    conv2d({ filters: 32 * width, kernelSize: 3, ...relu }),
    maxPool2d(),
    conv2d({ filters: 64 * width, kernelSize: 3, ...relu }),
    maxPool2d(),
    conv2d({ filters: 64 * width, kernelSize: 3, ...relu }),
    flatten(),
    dense({ units: 64 * width, ...relu }),
    dense({ units: 10 }),
  ], { inputShape: [size, size, 3] });
}

interface Point {
  readonly x: number;
  readonly milliseconds: number;
  readonly imagesPerSecond: number;
  readonly gigaflopsPerSecond: number;
  readonly plannedMegabytes: number;
}

async function measure(x: number, batch: number, width: number, size: number): Promise<Point> {
  const trainer = await workedExample(device, batch, { model: network(width, size), size });
  const run = (steps: number) => (trainer.start(steps), trainer.progress());
  const time = await secondsOfOne(run, { rounds, seconds: 0.3 });
  const { flops, plannedBytes } = trainer.summary;
  trainer.close();
  return {
    x,
    milliseconds: time * 1e3,
    imagesPerSecond: batch / time,
    gigaflopsPerSecond: flops / time / 1e9,
    plannedMegabytes: plannedBytes / 1e6,
  };
}

const series: Record<string, { label: string; points: Point[] }> = {
  batch: { label: "images a batch", points: [] },
  width: { label: "times the width, batch 32", points: [] },
  size: { label: "pixels along an image's side, batch 32", points: [] },
};
for (const batch of [8, 16, 32, 64, 128, 256]) series.batch.points.push(await measure(batch, batch, 1, 32));
for (const width of [1, 2, 3, 4]) series.width.points.push(await measure(width, 32, width, 32));
for (const size of [24, 32, 48, 64, 96]) series.size.points.push(await measure(size, 32, 1, size));

console.log(`training step, ${device.description}, median of ${rounds} rounds; ${machine()}`);
await Deno.mkdir(out, { recursive: true });
for (const [name, { label, points }] of Object.entries(series)) {
  console.log(`\n${label}`);
  for (const p of points) {
    console.log(
      `${String(p.x).padStart(6)} ${p.milliseconds.toFixed(2).padStart(9)} ms ${
        p.imagesPerSecond.toFixed(0).padStart(6)
      } images/s ${p.gigaflopsPerSecond.toFixed(1).padStart(7)} GFLOP/s ${
        p.plannedMegabytes.toFixed(1).padStart(7)
      } MB planned`,
    );
  }
  const chart = lineChart({
    title: `Milliseconds a step and megabytes planned by ${label} (${device.kind})`,
    x: points.map((p) => p.x),
    series: [
      { name: "milliseconds", values: points.map((p) => p.milliseconds) },
      { name: "megabytes", values: points.map((p) => p.plannedMegabytes) },
    ],
  });
  await Deno.writeTextFile(`${out}/scale-${device.kind}-${name}.svg`, chart);
}
const record = {
  date: new Date().toISOString(),
  machine: machine(),
  device: device.description,
  rounds,
  series,
};
await Deno.writeTextFile(`${out}/scale-${device.kind}.json`, JSON.stringify(record, null, 2) + "\n");
Deno.exit(0);
