/** A callback that writes records down. */
import type { Callback } from "./callback.ts";

/** Writes each epoch's record as a line of JSON. `write` gets the line with its end. */
export function jsonLog(write: (line: string) => void | Promise<void>): Callback {
  return { onEpoch: (record) => write(`${JSON.stringify(record)}\n`) };
}
