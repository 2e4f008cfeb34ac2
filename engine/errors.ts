/** Errors that the engine and its devices throw beside `TypeError` and `RangeError`. */

/** The device went away (driver reset, machine asleep, out of memory); what was on it is lost. */
export class DeviceLostError extends Error {
  /** Always `"DeviceLostError"`. */
  override name = "DeviceLostError";
}

/** A device refused or failed a piece of work; the message names the kernel. */
export class DeviceError extends Error {
  /** Always `"DeviceError"`. */
  override name = "DeviceError";
}
