/**
 * A line through points: parameters, a step, and a loop.
 *
 *     deno run examples/linear_regression.ts
 */
import { Dataset, ndarray, ops, parameters, sgd, train, trainStep } from "@gesso/gesso";

/** Learns slope and start of a line from noisy points on it. */
export async function main({ epochs = 200 } = {}) {
  const x = Float32Array.from({ length: 100 }, (_, i) => i / 50 - 1);
  const y = x.map((value, i) => 3 * value - 0.5 + 0.2 * Math.sin(97 * i));
  const data = new Dataset({ inputs: ndarray("float32", [100], x), targets: ndarray("float32", [100], y) });

  const line = parameters({ slope: ndarray("float32", [], [0]), start: ndarray("float32", [], [0]) }, {
    name: "line",
    optimizer: sgd(0.1),
  });
  const step = trainStep(({ batch }) => {
    const { slope, start } = line.values;
    const predicted = ops.add(ops.mul(batch.inputs, slope), start);
    const loss = ops.square(ops.sub(predicted, batch.targets));
    return { minimize: [[loss, line]], metrics: { loss } };
  });
  const history = await train(step, data, { epochs, batchSize: 20 });

  const [slope, start] = ["slope", "start"].map((name) => line.weights.get(name)!.data[0]);
  console.log(
    `slope ${slope.toFixed(3)}, start ${start.toFixed(3)}, loss ${history.at(-1)!.loss.toFixed(4)}`,
  );
  return { slope, start };
}

if (import.meta.main) await main();
