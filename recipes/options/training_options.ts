/** Options that recipes have in common. */
import type { OptionSpec } from "./option_spec.ts";

/** How often the data is gone through. */
export const epochsOption = (epochs: number): OptionSpec => ({
  name: "epochs",
  value: "N",
  help: "times through the data",
  number: { whole: true, least: 1, most: 1e6 },
  default: epochs,
});

/** How many examples, which are called so, a step takes. */
export const batchSizeOption = (examples: string, size: number): OptionSpec => ({
  name: "batch-size",
  value: "N",
  help: `${examples} a step`,
  number: { whole: true, least: 1, most: 65536 },
  default: size,
});

/** How much of a label is spread over all classes. */
export const labelSmoothingOption: OptionSpec = {
  name: "label-smoothing",
  value: "S",
  help: "spread over all classes",
  number: { least: 0, most: 0.99 },
  default: 0,
};

/** How values between layers are kept. */
export const precisionOption: OptionSpec = {
  name: "precision",
  value: "NAME",
  help: "mixed keeps values between layers in half precision",
  choices: ["float32", "mixed"],
  default: "float32",
};

/** What chance is made of. */
export const seedOption: OptionSpec = {
  name: "seed",
  value: "N",
  help: "chooses weights and order",
  number: { whole: true, least: 0, most: 2 ** 32 - 1 },
  default: 0,
};
