/** A device on which data does not fit whole. */
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import type { Device } from "../../../engine/device.ts";

/** A device that takes no tensor of more bytes, and says what was written to it. */
export function narrowDevice(maxTensorBytes: number): { device: Device; largest: () => number } {
  const inner = cpuDevice({ threads: 1 });
  let largest = 0;
  const device: Device = {
    kind: inner.kind,
    description: inner.description,
    policy: inner.policy,
    maxTensorBytes,
    allocate: (...args) => inner.allocate(...args),
    release: (...args) => inner.release(...args),
    write: (buffer, bytes, offset) => {
      largest = Math.max(largest, bytes.length);
      inner.write(buffer, bytes, offset);
    },
    read: (...args) => inner.read(...args),
    compiler: () => inner.compiler(),
    close: () => inner.close(),
  };
  return { device, largest: () => largest };
}
