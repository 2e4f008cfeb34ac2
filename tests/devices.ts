/** The devices that tests run on, in one place. A device that is missing is announced, never passed over in silence. */
import { cpuDevice } from "../devices/cpu/cpu_device.ts";
import { selectDevice } from "../devices/select.ts";
import type { Device } from "../engine/device.ts";
import { withPolicy } from "./with_policy.ts";

/** A device and how test names speak of it. */
export interface TestDevice {
  readonly name: string;
  readonly device: Device;
}

/** The cpu device on the calling thread. */
export const cpu: TestDevice = { name: "the cpu device", device: cpuDevice({ threads: 1 }) };

/** The cpu device with several threads. They outlive a test, so such tests switch Deno's sanitizers off. */
export const cpuWithThreads = (threads: number): TestDevice => ({
  name: `the cpu device with ${threads} threads`,
  device: cpuDevice({ threads }),
});

/** The cpu device on the calling thread, with kernels that go over rows several times wherever that is possible. */
export const cpuInRows: TestDevice = {
  name: "the cpu device with all rows at hand",
  device: withPolicy(cpu.device, { rows: { fewest: 1, shortest: 2, longest: 1 << 20 } }),
};

// Test files share one process and look for adapters side by side: where a display's folder is missing, what one of them
// sets meanwhile and removes would be missed by another, and Mesa would print errors.
if (Deno.env.get("XDG_RUNTIME_DIR") === undefined) Deno.env.set("XDG_RUNTIME_DIR", "/dev/null");

// Mesa's software adapter spends most of a test compiling kernels that run once: it leaves optimizing out.
if (Deno.env.get("GALLIVM_PERF") === undefined) Deno.env.set("GALLIVM_PERF", "nopt");

async function openWebgpu(): Promise<TestDevice | undefined> {
  let reason: string;
  try {
    const { device, reason: why } = await selectDevice("webgpu");
    if (device.kind === "webgpu") return { name: "the webgpu device", device };
    reason = why;
    device.close();
  } catch (error) {
    reason = (error as Error).message;
  }
  if (Deno.env.get("GESSO_REQUIRE_WEBGPU") === "1") {
    throw new Error(`Cannot test without WebGPU as GESSO_REQUIRE_WEBGPU is 1: ${reason}`);
  }
  console.warn(`SKIPPED on webgpu, as there is no such device here: ${reason}`);
  return undefined;
}

/** The webgpu device, `undefined` where there is none. */
export const webgpu: TestDevice | undefined = await openWebgpu();

/** What every op has to run on. */
export const everyDevice: readonly TestDevice[] = [cpu, ...webgpu ? [webgpu] : []];
