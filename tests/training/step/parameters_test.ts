import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  adam,
  ndarray,
  parameters,
  type ParametersOptions,
  sequential,
  sgd,
  type StepFunction,
  tensor,
  train,
  trainStep,
} from "../../../mod.ts";
import { add, mean, mul, square, stopGradient, sub, sum } from "../../../ops/mod.ts";
import { dense, dropout } from "../../../models/layers/mod.ts";
import type { Optimizer } from "../../../training/mod.ts";
import { cpu, everyDevice } from "../../devices.ts";
import { linearData, linearModel, weightsOf } from "../linear_regression.ts";

const { device } = cpu;
const data = linearData(12);
const options = { batchSize: 4, epochs: 2, device, shuffle: false };
const STEPS = 6;

/** Two numbers, each with a slope of its own. */
const pair = (optimizer: Optimizer | undefined, more: ParametersOptions = {}) =>
  parameters(
    { a: ndarray("float32", [2], [1, 2]), b: ndarray("float32", [1, 1], [3]) },
    { name: "pair", optimizer, ...more },
  );
const valuesOf = ({ weights }: ReturnType<typeof pair>) =>
  [...weights.values()].flatMap(({ data }) => [...data]);

/** A loss whose slope is 1 for each number of the pair. */
const falling = (set: ReturnType<typeof pair>): StepFunction => () => {
  const { a, b } = set.values;
  return { minimize: [[add(sum(a), sum(b)), set]] };
};

/** The squared error of a model's set. */
const regression = (set: ReturnType<typeof parameters>): StepFunction => ({ batch }) => {
  const loss = mean(square(sub(set.apply(batch.inputs), batch.targets)), 1);
  return { minimize: [[loss, set]], metrics: { loss } };
};

for (const { name, device } of everyDevice) {
  Deno.test(`rates by parameter, frozen ones and decay of matrices go together on ${name}`, async () => {
    const set = parameters({
      plain: ndarray("float32", [2], [1, 2]),
      slow: ndarray("float32", [1], [1]),
      matrix: ndarray("float32", [1, 1], [8]),
      fixed: ndarray("float32", [1], [5]),
    }, {
      name: "pair",
      optimizer: sgd(0.5, { weightDecay: 0.25 }),
      rate: (parameter) => parameter === "slow" ? 0.25 : 1,
      frozen: (parameter) => parameter === "fixed",
    });
    const step = trainStep(() => {
      const total = Object.values(set.values).map((value) => sum(value)).reduce((a, b) => add(a, b));
      return { minimize: [[total, set]] };
    });
    await train(step, data, { batchSize: 12, device });
    // One step of slope 1: the rate, a quarter of it, and what the matrix loses beside (8 * 0.5 * 0.25).
    assertEquals(
      [...set.weights.values()].flatMap(({ data }) => [...data]),
      [0.5, 1.5, 1 - 0.125, 8 - 1 - 0.5, 5],
    );
  });

  Deno.test(`the moving average follows as plain loops say, on ${name}`, async () => {
    const kept = pair(sgd(0.5), { average: 0.6 });
    const seen: number[] = [];
    const step = trainStep(() => {
      const { a, b } = kept.values;
      const average = sum(kept.averaged.values.b);
      return { minimize: [[add(sum(a), sum(b)), kept]], metrics: { average } };
    });
    const history = await train(step, data, { ...options, batchSize: 12, epochs: 5, device });
    let [value, average] = [3, 3];
    for (let n = 1; n <= 5; n++) {
      seen.push(average);
      value -= 0.5;
      average += (value - average) * (1 - Math.min(0.6, (1 + n) / (10 + n)));
    }
    history.forEach((record, i) => assertAlmostEquals(record.average, seen[i], 1e-5));
    assertAlmostEquals(valuesOf(kept)[2], average, 1e-5);
  });
}

Deno.test("a set has its average afterwards, unless that is for the step alone", async () => {
  const [kept, own] = [
    pair(sgd(0.5), { average: 0.9 }),
    pair(sgd(0.5), { average: 0.9, keepAverage: false }),
  ];
  for (const set of [kept, own]) await train(trainStep(falling(set)), data, options);
  assertEquals(valuesOf(own), [1, 2, 3].map((value) => value - 0.5 * STEPS));
  assert(valuesOf(kept).every((value, i) => value > valuesOf(own)[i] && value < i + 1));
});

Deno.test("a set without an optimizer is used as after training, and never changed", async () => {
  const fixed = parameters(
    sequential([dense({ units: 2 }), dropout(0.5)], { inputShape: [3], name: "teacher" }),
  );
  const student = parameters(linearModel(), { name: "student", optimizer: sgd(0.1) });
  const before = [...fixed.weights].map(([, { data }]) => data.slice());
  const step = trainStep(({ batch }) => {
    const aim = fixed.apply(batch.inputs);
    const noise = sum(square(sub(aim, fixed.apply(batch.inputs))), 1);
    const loss = mean(square(sub(student.apply(batch.inputs), aim)), 1);
    return { minimize: [[loss, student]], metrics: { loss, noise } };
  });
  const history = await train(step, data, options);
  assert(history[1].loss < history[0].loss);
  assertEquals(history[0].noise, 0, "nothing is dropped");
  assertEquals([...fixed.weights].map(([, { data }]) => data), before);
});

Deno.test("a step in two sets of one model each goes as the same step in one set", async () => {
  const [whole, first] = [linearModel(), linearModel()];
  await train(trainStep(regression(parameters(whole, { optimizer: adam(0.1) }))), data, options);
  const others = first.weightSpecs.map(({ name }) => [name, first.weights.get(name)!] as const);
  const sets = others.map(([name, value]) => parameters({ [name]: value }, { name, optimizer: adam(0.1) }));
  const step = trainStep(({ batch }) => {
    const weights = Object.assign({}, ...sets.map((set) => ({ ...set.values })));
    const { output } = first.apply(batch.inputs, weights);
    const loss = mean(square(sub(output, batch.targets)), 1);
    return { minimize: sets.map((set) => [loss, set] as const) };
  });
  await train(step, data, options);
  const ends = sets.flatMap(({ weights }) => [...weights.values()].flatMap(({ data }) => [...data]));
  assertEquals(ends, weightsOf(whole));
});

const G = () => parameters(linearModel(), { name: "G", optimizer: sgd(0.1) });
const loss = () => mean(square(tensor([1, 2])));

/** Steps that are refused when they are traced, and what the message says. */
const wrong: Record<string, [StepFunction, string]> = {
  "a step that gives nothing": [() => undefined as never, "gives nothing: its function gives, at once,"],
  "a step that is not done at once": [(async () => {}) as never, "gives a promise"],
  "a step that minimizes nothing": [() => ({ minimize: [] }), "minimizes nothing"],
  "a loss without a set": [() => ({ minimize: [[loss()]] as never }), "no pair [loss, parameters]"],
  "a set without an optimizer": [
    () => ({ minimize: [[loss(), parameters(linearModel(), { name: "G" })]] }),
    "with respect to G: it has no optimizer",
  ],
  "a loss that does not depend on its set": [
    ({ batch }) => {
      const set = G();
      return { minimize: [[mean(stopGradient(set.apply(batch.inputs))), set]] };
    },
    "with respect to G: it does not depend on any parameter that is trained",
  ],
  "a loss of another size": [
    () => ({ minimize: [[tensor([1, 2, 3]), G()]] }),
    "a loss of G of float32 [3]: it takes one number [], or one for each of the batch's 4 examples [4]",
  ],
  "a loss that is no tensor": [
    () => ({ minimize: [[1 as never, G()]] }),
    "a loss of G of 1: it takes one number []",
  ],
  "a loss that comes later": [
    () => ({ minimize: [[Promise.reject(new Error("later")) as never, G()]] }),
    "a loss of G of a promise",
  ],
  "a step that comes later, and fails": [
    () => Promise.reject(new Error("later")) as never,
    "a step that gives a promise",
  ],
  "metrics in a list": [
    ({ batch }) => ({ ...regression(G())({ batch } as never), metrics: [loss()] as never }),
    "metrics that are no tensors by name",
  ],
  "what is assigned but not in a list": [
    ({ batch }) => ({ ...regression(G())({ batch } as never), assign: {} as never }),
    "whose assign is no list",
  ],
  "an output that the model has not": [
    ({ batch }) => ({ minimize: [[G().outputs(batch.inputs).size, G()]] }),
    'output of G "size": there are output',
  ],
  "a metric that is no tensor": [
    ({ batch }) => ({ ...regression(G())({ batch } as never), metrics: { one: 1 as never } }),
    "Cannot measure one of 1",
  ],
  "a metric with a name that records have": [
    ({ batch }) => ({ ...regression(G())({ batch } as never), metrics: { epoch: loss() } }),
    'Cannot measure "epoch"',
  ],
  "two sets of one name": [
    ({ batch }) => ({ minimize: [G(), G()].map((set) => [mean(set.apply(batch.inputs)), set] as const) }),
    'two sets of parameters named "G"',
  ],
  "two losses for one set": [
    ({ batch }) => {
      const set = G();
      const value = mean(set.apply(batch.inputs));
      return { minimize: [[value, set], [mul(value, 2), set]] };
    },
    "Cannot minimize two losses with respect to G in one step",
  ],
  "a field that the data has not": [
    ({ batch }) => ({ minimize: [[batch.image, G()]] }),
    'field "image": there are inputs, targets',
  ],
  "a parameter that the set has not": [
    () => ({ minimize: [[G().values.bias, G()]] }),
    'parameter of G "bias": there are dense_1/kernel, dense_1/bias',
  ],
  "an average that is not kept": [
    ({ batch }) => ({ minimize: [[mean(G().averaged.apply(batch.inputs)), G()]] }),
    "Cannot use the average of G: it keeps none",
  ],
  "what is assigned to a model": [
    ({ batch }) => {
      const set = G();
      const { "dense_1/bias": bias } = set.values;
      return { minimize: [[mean(set.apply(batch.inputs)), set]], assign: [[set, { "dense_1/bias": bias }]] };
    },
    'Cannot assign to "dense_1/bias" of G: it is not an array of a set without an optimizer',
  ],
  "what is assigned in another shape": [
    ({ batch }) => {
      const set = G();
      const assign = [[pair(undefined), { a: tensor([1, 2, 3]) }]] as const;
      return { minimize: [[mean(set.apply(batch.inputs)), set]], assign };
    },
    'to "a" of pair: it is float32 [2], received float32 [3]',
  ],
  "sets that share weights": [
    ({ batch }) => {
      const shared = linearModel();
      const [one, two] = ["one", "two"].map((name) =>
        parameters(sequential([shared], { inputShape: [3], name }), { optimizer: sgd(0.1) })
      );
      return { minimize: [[mean(one.apply(batch.inputs)), one], [mean(two.apply(batch.inputs)), two]] };
    },
    "both have the weight",
  ],
};

for (const [what, [step, says]] of Object.entries(wrong)) {
  Deno.test(`train() refuses ${what}`, async () => {
    const error = await assertRejects(() => train(trainStep(step), data, options), Error, says);
    assert(error instanceof TypeError || error instanceof RangeError, error.name);
    assert(error.message.startsWith("Cannot "), error.message);
  });
}

Deno.test("parameters are tensors in steps only, and are refused outside with the way out", () => {
  const x = tensor([[1, 2, 3]]);
  for (const use of [() => G().apply(x), () => G().values, () => G().outputs(x)]) {
    assertThrows(use, TypeError, "outside of a step");
  }
  assertThrows(() => pair(sgd(0.1)).apply(x), TypeError, "outside of a step");
});

Deno.test("parameters() refuses what it cannot make a set of", () => {
  const array = ndarray("float32", [1], [1]);
  const cases: [() => unknown, string][] = [
    [() => parameters({}), "parameters of nothing"],
    [() => parameters({ a: ndarray("int32", [1], [1]) }), 'parameter "a" of int32'],
    [() => parameters({ a: array }, { average: 1 }), "average 1"],
    [() => parameters({ a: array }, { accumulate: 0 }), "accumulate 0"],
    [() => parameters({ a: array }, { rate: () => -1 }), "rate of a -1"],
    [
      () => parameters({ a: array }, { optimizer: sgd(0.1), frozen: () => true }),
      "all of its weights are frozen",
    ],
    [() => parameters({ a: array }, { colour: 1 } as never), 'option "colour"'],
    [() => parameters({ a: array }).setWeight("b", array), 'set "b" of parameters: there are a'],
    [() => parameters({ a: array }).setWeight("a", ndarray("float32", [2], [1, 2])), "it is float32 [1]"],
  ];
  for (const [make, says] of cases) {
    const error = assertThrows(make, Error, says);
    assert(error.message.startsWith("Cannot "), error.message);
  }
});
