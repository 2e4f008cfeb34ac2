/** The options that all layers with a product of weights have. */
import { flag, text } from "../../../engine/option_kinds.ts";
import { optional } from "../../../engine/options.ts";
import { initializerKind } from "../../initializers.ts";
import { activationKind } from "./activation.ts";

/** Activation, bias, how the weight begins, and the layer's name. */
export const weightedOptions = {
  activation: optional(activationKind, "linear"),
  useBias: optional(flag, true),
  kernelInitializer: optional(initializerKind, "glorotUniform"),
  name: optional(text),
};
