/** The figure that a callback watches. */
import { oneOf, text } from "../../engine/option_kinds.ts";
import { optional } from "../../engine/options.ts";
import { type Better, betterByName } from "../loop/history.ts";

/** Which figure of the epochs' records is watched. */
export interface MonitorOptions {
  /** Its name, `"lossG"` say; `"validationLoss"` when left out. */
  readonly monitor?: string;
  /** Which values are better. Needed where the name does not tell: of losses and errors lower, of accuracies higher ones are. */
  readonly better?: Better;
}

/** How these options are read. */
export const monitorOptions = {
  monitor: optional(text, "validationLoss"),
  better: optional(oneOf<Better>(["higher", "lower"])),
};

/** Which values are better; throws where nobody says so. */
export function betterOf(attempt: string, { monitor, better }: { monitor: string; better?: Better }): Better {
  const known = better ?? betterByName(monitor);
  if (known) return known;
  throw new TypeError(
    `Cannot ${attempt} with monitor "${monitor}": its name does not tell which values are better; say better: "higher" or "lower"`,
  );
}

/** What is watched, for names of callbacks. */
export const describeMonitor = ({ monitor, better }: { monitor: string; better?: Better }): string =>
  better ? `${monitor}, ${better} is better` : monitor;
