/** Losses. */
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { alongAxes, doubles, elementAt, elementByElement } from "../oracle/doubles.ts";
import { logSumExp } from "../oracle/special_functions.ts";
import { exactly, floats, floatsIn, integersIn } from "./inputs.ts";

const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

const fromLabels = ([[7, 10], [2, 3, 5], [4, 1], [1, 33]] as const).flatMap((shape) =>
  [0, 0.1].map((labelSmoothing): OpCase => {
    const classes = (shape as readonly number[]).at(-1)!;
    return {
      name: `softmaxCrossEntropy() of [${shape.join(", ")}] with labels smoothed by ${labelSmoothing}`,
      inputs: [floatsIn(-5, 5, ...shape), integersIn("int32", 0, classes, ...shape.slice(0, -1))],
      build: (logits, labels) => g.softmaxCrossEntropy(logits, labels, { labelSmoothing }),
      oracle: (logits, labels) => {
        const total = alongAxes(logits, [shape.length - 1], logSumExp);
        return doubles(shape.slice(0, -1), (index) => {
          const logProbabilities = Array.from(
            { length: classes },
            (_, k) => elementAt(logits, [...index, k]) - elementAt(total, index),
          );
          const label = elementAt(labels, index);
          return -(1 - labelSmoothing) * logProbabilities[label] - labelSmoothing * meanOf(logProbabilities);
        });
      },
      oracleTolerance: 5e-7,
    };
  })
);

const others: OpCase[] = [
  {
    name: "softmaxCrossEntropy() of large logits and labels in bytes",
    inputs: [exactly([500, -500, 0, 90, 0, -90], "float32", [2, 3]), exactly([1, 0], "uint8")],
    build: (logits, labels) => g.softmaxCrossEntropy(logits, labels),
    oracle: () => [1000, 0],
  },
  {
    name: "binaryCrossEntropy() of [5, 7]",
    inputs: [floatsIn(-6, 6, 5, 7), floatsIn(0, 1, 5, 7)],
    build: (logits, targets) => g.binaryCrossEntropy(logits, targets),
    oracle: (logits, targets) =>
      elementByElement(
        (x, t) => Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x))),
        logits,
        targets,
      ),
  },
  {
    name: "binaryCrossEntropy() of logits of a hundred",
    inputs: [exactly([100, -100, 100, -100, 0]), exactly([1, 0, 0, 1, 0.5])],
    build: (logits, targets) => g.binaryCrossEntropy(logits, targets),
    oracle: () => [0, 0, 100, 100, Math.LN2],
    smooth: false,
  },
  {
    name: "meanSquaredError() of [3, 5, 2]",
    inputs: [floats(3, 5, 2), floats(3, 5, 2)],
    build: (predictions, targets) => g.meanSquaredError(predictions, targets),
    oracle: (predictions, targets) =>
      alongAxes(elementByElement((a, b) => (a - b) ** 2, predictions, targets), [1, 2], meanOf),
    oracleTolerance: 1e-7,
  },
  {
    name: "meanSquaredError() of [33]",
    inputs: [floats(33), floats(33)],
    build: (predictions, targets) => g.meanSquaredError(predictions, targets),
    oracle: (predictions, targets) => elementByElement((a, b) => (a - b) ** 2, predictions, targets),
  },
];

/** Losses. */
export const lossCases: OpCase[] = [...fromLabels, ...others];
