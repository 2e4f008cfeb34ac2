/** The jobs of `all.ts`, each a command whose output is kept. */
import type { adapterOf } from "./adapter.ts";

/** A job; several may have one name. */
export interface Job {
  readonly name: string;
  /** Where its output goes. */
  readonly file: string;
  /** What `deno` is given. */
  readonly args: readonly string[];
}

/** The names of all jobs. */
export const jobNames = ["cifar10", "train", "kernels", "tests", "scale"];

const script = (file: string, ...rest: string[]) => ["run", "-A", "--no-check", file, ...rest];

/** Beside a GPU, what runs on the processor would take all the time. */
const BESIDE_A_GPU = [
  "gesso-webgpu",
  "gesso-webgpu-tuned",
  "gesso-webgpu-mixed",
  "tfjs-webgpu",
  "jax-webgpu",
  "torch",
  "torch-channels-last",
];

/** What there is to do on a machine. */
export function jobsOf(where: {
  readonly adapter: Awaited<ReturnType<typeof adapterOf>>;
  /** The folder for results. */
  readonly out: string;
  /** Where CIFAR-10 is, if it is to be trained on. */
  readonly data: string | undefined;
}): readonly Job[] {
  const { adapter: { isHardware, slug }, out, data } = where;
  const only = isHardware ? ["--only", BESIDE_A_GPU.join()] : [];
  const devices = isHardware ? ["webgpu"] : slug === "cpu" ? ["cpu"] : ["cpu", "webgpu"];
  const cifar10 = (data: string, device: string): Job => {
    const options = ["--dataset", "cifar10", "--data", data, "--device", device, "--out", `${out}/cifar10`];
    return { name: "cifar10", file: `cifar10-${device}.txt`, args: script("cli.ts", "train", ...options) };
  };
  const train = (batch: number): Job => {
    const options = ["--batch", String(batch), "--json", `${out}/train-${batch}.json`, ...only];
    return { name: "train", file: `train-${batch}.txt`, args: script("bench/train_step.ts", ...options) };
  };
  const kernels = (device: string): Job => {
    const options = ["--device", device, "--json", `${out}/kernels-${device}.json`];
    return { name: "kernels", file: `kernels-${device}.txt`, args: script("bench/kernels.ts", ...options) };
  };
  const scale = (device: string): Job => {
    const options = ["--device", device, "--out", out];
    return { name: "scale", file: `scale-${device}.txt`, args: script("bench/scale.ts", ...options) };
  };
  return [
    ...data === undefined ? [] : [cifar10(data, devices[0])],
    ...[32, 512, 128].map(train),
    ...devices.map(kernels),
    { name: "tests", file: "tests.txt", args: ["test", "-A", "--no-check", "--parallel", "tests/"] },
    ...devices.map(scale),
  ];
}
