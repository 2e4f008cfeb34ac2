/** Where a training step spends its time: each kernel alone, run many times, on one device. */
import { planOfOne } from "../engine/plan.ts";
import { cpuDevice, type Device, type DeviceBuffer, type Executable, webgpuDevice } from "../mod.ts";
import { batchOption, deviceOption, roundsOption, runBench } from "./bench_options.ts";
import { Ceiling } from "./ceilings.ts";
import { machine } from "./machine.ts";
import { BATCH, type Kind, kinds, STEPS, trainStep } from "./recurrent_step.ts";
import { resnet } from "./resnet_step.ts";
import { secondsOfOne } from "./time_runs.ts";
import { transformer } from "./transformer_step.ts";
import { workedExample } from "./worked_example.ts";

interface Part {
  readonly label: string;
  readonly flops: number;
  readonly how: string;
  readonly executable: Executable;
}

/** A device that keeps the kernels of the first program that it is given as programs of their own, too. */
function takingApart(inner: Device): { device: Device; parts: Part[]; wait(): Promise<unknown> } {
  const parts: Part[] = [];
  let probe: DeviceBuffer | undefined;
  const device: Device = {
    kind: inner.kind,
    description: inner.description,
    policy: inner.policy,
    maxTensorBytes: inner.maxTensorBytes,
    allocate: (...given) => probe = inner.allocate(...given),
    release: (...given) => inner.release(...given),
    write: (...given) => inner.write(...given),
    read: (...given) => inner.read(...given),
    compiler: async () => {
      const compile = await inner.compiler();
      return async (plan, bufferOf) => {
        if (parts.length > 0) return await compile(plan, bufferOf);
        const alone = plan.kernels.map((kernel) => compile(planOfOne(plan, kernel), bufferOf));
        const whole = compile(plan, bufferOf);
        const executables = await Promise.all(alone);
        parts.push(...plan.kernels.map(({ label, flops }, i) => {
          const executable = executables[i];
          return { label, flops, how: executable.describe()[0], executable };
        }));
        return await whole;
      };
    },
    close: () => inner.close(),
  };
  return { device, parts, wait: () => inner.read(probe!, 0, 4) };
}

interface Trained {
  start(times: number): void;
  readonly flops: number;
  readonly items: number;
  readonly unit: string;
}

async function trained(net: string, device: Device, batch: number): Promise<Trained> {
  if (net === "worked-example") {
    const trainer = await workedExample(device, batch);
    const start = (times: number) => trainer.start(times);
    return { start, flops: trainer.summary.flops, items: batch, unit: "images" };
  }
  if ((kinds as readonly string[]).includes(net)) {
    const step = await trainStep(net as Kind, device);
    const start = (times: number) => step.run({ times });
    return { start, flops: step.summary.flops, items: BATCH * STEPS, unit: "characters" };
  }
  const { step, items, unit } = await (net === "transformer" ? transformer : resnet)(device);
  return { start: (times) => step.run({ times }), flops: step.summary.flops, items, unit };
}

await runBench({
  call: "deno run -A bench/profile_step.ts",
  summary: "Measures each kernel of a training step alone, on one device.",
  options: [
    { ...deviceOption, default: "cpu" },
    {
      name: "net",
      value: "NAME",
      help: "what is trained",
      choices: ["worked-example", "transformer", "resnet", ...kinds],
      default: "worked-example",
    },
    { ...batchOption, help: "images a step of the worked example" },
    {
      name: "threads",
      value: "N",
      help: "threads of the cpu device; one for each processor when left out",
      number: { whole: true, least: 1, most: 256 },
    },
    roundsOption,
  ],
}, async (values) => {
  const batch = values.number("batch")!;
  const rounds = values.number("rounds")!;
  const threads = values.number("threads");
  const inner = values.text("device") === "webgpu" ? await webgpuDevice() : cpuDevice({ threads });
  const { device, parts, wait } = takingApart(inner);
  const ceiling = new Ceiling(inner.kind, threads);
  const net = values.text("net")!;
  const { start, flops, unit, items } = await trained(net, device, batch);
  start(3);
  await wait();

  const milliseconds = async (what: string, flops: number, how: string, run: (times: number) => void) => {
    const seconds = await secondsOfOne((times) => (run(times), wait()), { rounds, seconds: 0.15 });
    // What is left out as padding counts as done.
    if (!how.includes("without padding")) {
      await ceiling.check(what, { flops, sumsWindows: how.includes("Winograd") }, seconds);
    }
    return 1000 * seconds;
  };
  const step = await milliseconds("a step", flops, "without padding", start);
  console.log(`${net}, ${items} ${unit} a step, ${inner.description}; ${machine()}\n`);
  let sum = 0;
  for (const { label, flops, how, executable } of parts) {
    const time = await milliseconds(label, flops, how, (times) => executable.run(times));
    sum += time;
    const name = label.length > 44 ? `${label.slice(0, 41)}...` : label;
    console.log(
      `${time.toFixed(3).padStart(8)} ms ${(flops / time / 1e6).toFixed(1).padStart(6)} GFLOP/s  ${
        name.padEnd(44)
      }  ${how}`,
    );
  }
  console.log(`${sum.toFixed(3).padStart(8)} ms   all kernels, each alone`);
  console.log(`${step.toFixed(3).padStart(8)} ms   a step: ${(items / step * 1000).toFixed(0)} ${unit}/s`);
});
