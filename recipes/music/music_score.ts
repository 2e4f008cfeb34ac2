/** How well a model expects music: nats a step. */
import type { Dataset } from "../../data/dataset.ts";
import type { TrainValidationTest } from "../../data/music/three_parts.ts";
import type { Model } from "../../models/model.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { parameters } from "../../training/step/parameters.ts";
import { count } from "../number_text.ts";
import type { Score, Where } from "../recipe.ts";
import { chordStep } from "./chord_step.ts";

/** Of a part of the data. */
interface PartScore {
  readonly pieces: number;
  readonly steps: number;
  /** Nats a step, over all steps. */
  readonly nats: number;
  /** The same without the first step of each piece. */
  readonly later: number;
}

/** How a model does on parts of the data, by name; the last one is what it is judged by. */
export async function musicScore(
  model: Model,
  sets: Partial<TrainValidationTest>,
  where: Where,
): Promise<Score> {
  const step = chordStep(parameters(model), { tellsFirst: true });
  const parts: (readonly [name: string, score: PartScore])[] = [];
  for (const [name, set] of Object.entries(sets)) {
    const { loss, first } = await evaluate(step, set, { ...where, batchSize: 32 });
    const [pieces, steps] = sizeOf(set);
    parts.push([name, { pieces, steps, nats: loss, later: (loss - first) * steps / (steps - pieces) }]);
  }
  const [name, judged] = parts[parts.length - 1];
  return {
    table: [
      ["", "pieces", "steps", "nats a step", "without first steps"],
      ...parts.map(([name, { pieces, steps, nats, later }]) => [
        name,
        count(pieces),
        count(steps),
        nats.toFixed(3),
        later.toFixed(3),
      ]),
    ],
    headline: `${name} ${judged.nats.toFixed(3)} nats a step`,
    detail: `the mean over all steps of all pieces; ${
      judged.later.toFixed(3)
    } without the first step of each`,
    metrics: Object.fromEntries(parts.flatMap(([name, { nats, later }]) => [
      [`${name}Nats`, nats],
      [`${name}NatsWithoutFirst`, later],
    ])),
  };
}

/** Pieces and steps that count. */
function sizeOf({ fields }: Dataset): [pieces: number, steps: number] {
  const [from, length] = [fields.from, fields.length].map(({ values }) => Array.from(values.data, Number));
  const begun = from.filter((at) => at === 0).length;
  return [begun, length.reduce((sum, end, i) => sum + end - from[i], 0)];
}
