/** Devices that want other kernels than they usually do. */
import type { Device } from "../engine/device.ts";
import type { FusePolicy } from "../engine/passes/storage_choice.ts";

/** The device, with some of its wishes changed. Closing it leaves the device open. */
export const withPolicy = (device: Device, changes: Partial<FusePolicy>): Device => ({
  kind: device.kind,
  description: device.description,
  policy: { ...device.policy, ...changes },
  maxTensorBytes: device.maxTensorBytes,
  allocate: (...given) => device.allocate(...given),
  release: (...given) => device.release(...given),
  write: (...given) => device.write(...given),
  read: (...given) => device.read(...given),
  compiler: () => device.compiler(),
  close: () => {},
});
