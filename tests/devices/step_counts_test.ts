/**
 * What a training step of the worked example takes: a number that rises is a step back, one that falls is to be written
 * here.
 */
import { assert, assertEquals } from "@std/assert";
import { calls, countCalls } from "../../bench/count_calls.ts";
import { workedExample } from "../../bench/worked_example.ts";
import { cpuDevice } from "../../devices/cpu/cpu_device.ts";
import { adapterFacts, findAdapter } from "../../devices/webgpu/runtime/adapter.ts";
import { webgpuDevice } from "../../devices/webgpu/webgpu_device.ts";
import type { Device } from "../../engine/device.ts";
import { webgpu } from "../devices.ts";

/** Batch 32, plain precision. */
const known: Record<string, Counts> = {
  "the cpu device": { kernels: 27, dispatches: 27, submits: 1, plannedBytes: 5_862_656 },
  "the webgpu device": { kernels: 36, dispatches: 22, submits: 1, plannedBytes: 7_046_400 },
};

interface Counts {
  readonly kernels: number;
  readonly dispatches: number;
  readonly submits: number;
  readonly plannedBytes: number;
}

const devices: Record<string, () => Promise<Device>> = {
  "the cpu device": () => Promise.resolve(cpuDevice({ threads: 1 })),
  "the webgpu device": () => webgpuDevice(),
};

/** What a step takes on a device; it is compiled, but not run. */
async function countsOf(device: Device): Promise<Counts> {
  const trainer = await workedExample(device, 32);
  const { dispatches, submits, plannedBytes } = trainer.summary;
  const kernels = Number(/ in (\d+) kernels/.exec(trainer.explain())![1]);
  trainer.close();
  return { kernels, dispatches, submits, plannedBytes };
}

/** Each count that is not the known one, in words. */
function changes(before: Counts, now: Counts): string[] {
  const names = Object.keys(before) as (keyof Counts)[];
  return names.filter((name) => now[name] !== before[name]).map((name) => {
    const change = now[name] - before[name];
    const [from, to, by] = [before[name], now[name], Math.abs(change)].map((n) => n.toLocaleString("en"));
    return change > 0
      ? `${name} rose by ${by}, from ${from} to ${to}`
      : `${name} fell by ${by}, from ${from}: write down ${to} in tests/devices/step_counts_test.ts`;
  });
}

const adapter = await findAdapter();
const isSoftware = adapter !== undefined && adapterFacts(adapter).isSoftware;

for (const [name, open] of Object.entries(devices)) {
  Deno.test({
    name: `a training step of the worked example takes no more than is known on ${name}`,
    // A GPU may let kernels read more or fewer buffers, and that changes which kernels there are.
    ignore: name !== "the cpu device" && !isSoftware,
    fn: async () => {
      const device = await open();
      const found = changes(known[name], await countsOf(device));
      device.close();
      assert(found.length === 0, `A step on ${name}: ${found.join("; ")}`);
    },
  });
}

Deno.test({
  name:
    "training steps on the webgpu device are handed over together, with as many dispatches as the summary says",
  ignore: webgpu === undefined,
  fn: async () => {
    const trainer = await workedExample(webgpu!.device, 32);
    countCalls();
    trainer.start(2);
    const counted = { ...calls };
    const { dispatches } = trainer.summary;
    await trainer.progress();
    trainer.close();
    assertEquals(counted, { dispatches: 2 * dispatches, submits: 1, buffers: 0 });
  },
});
