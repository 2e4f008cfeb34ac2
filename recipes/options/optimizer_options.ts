/** Optimizers and schedules from options. */
import type { Optimizer } from "../../training/optimizers/optimizer.ts";
import { adam, adamW, rmsprop, sgd } from "../../training/optimizers/optimizers.ts";
import { cosineDecay, oneCycle, type Schedule } from "../../training/optimizers/schedules.ts";
import type { OptionReader, OptionSpec } from "./option_spec.ts";

const rates: Record<string, number> = { adam: 0.001, adamw: 0.001, rmsprop: 0.001, sgd: 0.01 };

/** The options that choose an optimizer. */
export const optimizerOptions: readonly OptionSpec[] = [
  {
    name: "optimizer",
    value: "NAME",
    help: "how gradients become steps",
    choices: Object.keys(rates),
    default: "adam",
  },
  {
    name: "learning-rate",
    value: "R",
    help: "0.001, for sgd 0.01, when left out",
    number: { above: 0, most: 1000 },
  },
  {
    name: "schedule",
    value: "NAME",
    help: "how the learning rate changes",
    choices: ["constant", "cosine", "one-cycle"],
    default: "constant",
  },
  {
    name: "momentum",
    value: "M",
    help: "of sgd and rmsprop",
    number: { least: 0, most: 0.9999 },
    default: 0,
  },
  {
    name: "weight-decay",
    value: "W",
    help: "how fast weights shrink; 0, for adamw 0.004, when left out",
    number: { least: 0, most: 10 },
  },
  { name: "clip-norm", value: "C", help: "the largest norm of all gradients together", number: { above: 0 } },
];

/** The optimizer that the options describe. */
export function optimizerFrom(values: OptionReader): Optimizer {
  const name = values.text("optimizer")!;
  const rate = values.number("learning-rate") ?? rates[name];
  const schedules: Record<string, Schedule> = {
    constant: rate,
    cosine: cosineDecay(rate),
    "one-cycle": oneCycle(rate),
  };
  const schedule = schedules[values.text("schedule")!];
  const momentum = values.number("momentum")!;
  const weightDecay = values.number("weight-decay");
  if (name === "sgd") return sgd(schedule, { momentum, weightDecay });
  if (name === "rmsprop") return rmsprop(schedule, { momentum, weightDecay });
  return name === "adamw" ? adamW(schedule, { weightDecay }) : adam(schedule, { weightDecay });
}
