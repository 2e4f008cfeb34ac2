/** How daring what is drawn is. */
import type { OptionSpec } from "./option_spec.ts";

/** The option of all makers that draw from what a model expects. */
export const temperatureOption = (usual: number): OptionSpec => ({
  name: "temperature",
  value: "T",
  help: "how daring: 1 draws as the model expects, less is surer, and 0 takes the likeliest",
  number: { least: 0, most: 100 },
  default: usual,
});
