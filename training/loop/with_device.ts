/** Work on a device that is given, or chosen and closed again. */
import type { Device } from "../../engine/device.ts";
import { type DeviceName, selectDevice } from "../../devices/select.ts";

/** Gives a function the device that is asked for, and closes one that nobody else has. */
export async function withDevice<T>(
  chosen: Device | DeviceName | undefined,
  use: (device: Device) => Promise<T>,
): Promise<T> {
  if (chosen !== undefined && typeof chosen !== "string") return await use(chosen);
  const { device } = await selectDevice(chosen);
  try {
    return await use(device);
  } finally {
    device.close();
  }
}
