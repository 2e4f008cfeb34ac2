/** Choosing a device by name. */
import type { Device } from "../engine/device.ts";
import { either, type Kind, objectThat, oneOf } from "../engine/option_kinds.ts";
import { cpuDevice } from "./cpu/cpu_device.ts";
import { adapterFacts, findAdapter } from "./webgpu/runtime/adapter.ts";
import { webgpuDevice } from "./webgpu/webgpu_device.ts";

/** Names of devices: `"auto"` is a hardware GPU where there is one, else the CPU. */
export type DeviceName = "auto" | "webgpu" | "cpu";

/** A device, or the name of one. */
export const deviceKind: Kind<Device | DeviceName> = either(
  oneOf(["auto", "webgpu", "cpu"]),
  objectThat<Device>(
    "a device that cpuDevice or webgpuDevice gave",
    ({ compiler }) => typeof compiler === "function",
  ),
);

/** A device and why it was taken. */
export interface Selection {
  /** The device, open. */
  readonly device: Device;
  /** One line for people. */
  readonly reason: string;
}

/**
 * Opens a device by name: `"cpu"`; `"webgpu"`, which takes a software adapter too; or `"auto"`, a hardware GPU where
 * there is one, else the CPU, which is faster than a GPU in software.
 *
 * @throws {DeviceError} when `"webgpu"` is asked for and there is no adapter.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectDevice } from "@gesso/gesso";
 *
 * const { device, reason } = await selectDevice("cpu");
 * assertEquals(device.kind, "cpu");
 * assertEquals(reason, "cpu: asked for");
 * device.close();
 * ```
 */
export async function selectDevice(name: DeviceName = "auto"): Promise<Selection> {
  if (name === "cpu") return { device: cpuDevice(), reason: "cpu: asked for" };
  if (name !== "auto" && name !== "webgpu") {
    throw new TypeError(`Cannot select device "${name}": there are auto, webgpu and cpu`);
  }
  const adapter = await findAdapter();
  if (name === "webgpu") {
    const device = await webgpuDevice({ adapter });
    return { device, reason: "webgpu: asked for" };
  }
  if (!adapter) return { device: cpuDevice(), reason: "cpu: no WebGPU adapter was found" };
  const facts = adapterFacts(adapter);
  if (facts.isSoftware) {
    return { device: cpuDevice(), reason: `cpu: the only WebGPU adapter is software, ${facts.name}` };
  }
  return { device: await webgpuDevice({ adapter }), reason: `webgpu: ${facts.name}` };
}
