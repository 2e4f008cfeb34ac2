/**
 * How a training step's time and memory grow with the batch, the width of the network and the size of the images.
 * Writes a chart and the numbers of each.
 */
import { conv2d, dense, flatten, maxPool2d } from "../models/layers/mod.ts";
import { cpuDevice, type Device, type Model, sequential, webgpuDevice } from "../mod.ts";
import { lineChart } from "../formats/mod.ts";
import { deviceOption, roundsOption, runBench } from "./bench_options.ts";
import { Ceiling } from "./ceilings.ts";
import { machine } from "./machine.ts";
import { secondsOfOne } from "./time_runs.ts";
import { workedExample } from "./worked_example.ts";

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

interface Bench {
  readonly device: Device;
  readonly ceiling: Ceiling;
  readonly rounds: number;
}

async function measure(
  { device, ceiling, rounds }: Bench,
  x: number,
  batch: number,
  width: number,
  size: number,
): Promise<Point> {
  const trainer = await workedExample(device, batch, { model: network(width, size), size });
  const run = (steps: number) => (trainer.start(steps), trainer.progress());
  const time = await secondsOfOne(run, { rounds, seconds: 0.3 });
  const { flops, plannedBytes } = trainer.summary;
  trainer.close();
  await ceiling.check(`a step of ${batch} images ${size} x ${size}, width ${width}`, {
    flops,
    sumsWindows: true,
  }, time);
  return {
    x,
    milliseconds: time * 1e3,
    imagesPerSecond: batch / time,
    gigaflopsPerSecond: flops / time / 1e9,
    plannedMegabytes: plannedBytes / 1e6,
  };
}

await runBench({
  call: "deno task bench:scale",
  summary:
    "Measures how a training step grows with the batch, the width of the network and the size of images.\n" +
    "Writes the numbers, and a chart of each.",
  options: [
    { ...deviceOption, default: "cpu" },
    roundsOption,
    { name: "out", value: "DIR", help: "where the files go", default: "bench/results" },
  ],
}, async (values) => {
  const rounds = values.number("rounds")!;
  const out = values.text("out")!;
  const device: Device = values.text("device") === "webgpu" ? await webgpuDevice() : cpuDevice();
  const bench = { device, ceiling: new Ceiling(device.kind), rounds };
  const series: Record<string, { label: string; points: Point[] }> = {
    batch: { label: "images a batch", points: [] },
    width: { label: "times the width, batch 32", points: [] },
    size: { label: "pixels along an image's side, batch 32", points: [] },
  };
  for (const n of [8, 16, 32, 64, 128, 256]) series.batch.points.push(await measure(bench, n, n, 1, 32));
  for (const n of [1, 2, 3, 4]) series.width.points.push(await measure(bench, n, 32, n, 32));
  for (const n of [24, 32, 48, 64, 96]) series.size.points.push(await measure(bench, n, 32, 1, n));

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
});
