/**
 * Where the worked example's training step spends its time: each kernel alone, run many times, on one device.
 *
 *     deno run -A bench/profile_step.ts [--device cpu|webgpu] [--batch N] [--threads N] [--rounds N]
 */
import { planOfOne } from "../engine/plan.ts";
import { parseArgs } from "@std/cli/parse-args";
import { cpuDevice, type Device, type DeviceBuffer, type Executable, webgpuDevice } from "../mod.ts";
import { machine, secondsOfOne } from "./machine.ts";
import { workedExample } from "./worked_example.ts";

const args = parseArgs(Deno.args, { string: ["device", "batch", "threads", "rounds"] });
const batch = Number(args.batch ?? 32);
const rounds = Number(args.rounds ?? 5);
const threads = args.threads ? Number(args.threads) : undefined;
const inner = args.device === "webgpu" ? await webgpuDevice() : cpuDevice({ threads });

interface Part {
  readonly label: string;
  readonly flops: number;
  readonly how: string;
  readonly executable: Executable;
}
let parts: Part[] = [];
let probe: DeviceBuffer | undefined;

/** The device, but it keeps the kernels of the first program that it is given as programs of their own, too. */
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
      parts = plan.kernels.map(({ label, flops }, i) => {
        const executable = executables[i];
        return { label, flops, how: executable.describe()[0], executable };
      });
      return await whole;
    };
  },
  close: () => inner.close(),
};

const trainer = await workedExample(device, batch);
trainer.start(3);
await trainer.progress();
const wait = () => inner.read(probe!, 0, 4);

const milliseconds = async (run: (times: number) => void) =>
  1000 * await secondsOfOne((times) => (run(times), wait()), { rounds, seconds: 0.15 });

const step = await milliseconds((times) => trainer.start(times));
console.log(`worked example, batch ${batch}, ${inner.description}; ${machine()}\n`);
let sum = 0;
for (const { label, flops, how, executable } of parts) {
  const time = await milliseconds((times) => executable.run(times));
  sum += time;
  const name = label.length > 44 ? `${label.slice(0, 41)}...` : label;
  console.log(
    `${time.toFixed(3).padStart(8)} ms ${(flops / time / 1e6).toFixed(1).padStart(6)} GFLOP/s  ${
      name.padEnd(44)
    }  ${how}`,
  );
}
console.log(`${sum.toFixed(3).padStart(8)} ms   all kernels, each alone`);
console.log(`${step.toFixed(3).padStart(8)} ms   a step: ${(batch / step * 1000).toFixed(0)} images/s`);
Deno.exit(0);
