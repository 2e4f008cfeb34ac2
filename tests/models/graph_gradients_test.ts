import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { graph } from "../../models/graph/graph.ts";
import { connect, input, merge } from "../../models/graph/symbolic_tensor.ts";
import { batchNormalization } from "../../models/layers/normalization/batch_normalization.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { type Model, sequential } from "../../models/model.ts";
import { add, dense as denseOf, grad, mul, RandomSource, sum, tanh } from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";
import { applyModel, fillWeights, someNumbers } from "./apply_model.ts";
import { scaledRows, sumOf } from "./graph_layers.ts";

type Forward = (given: Record<string, Tensor>) => Record<string, Tensor>;

/** What a function gives on a device, and the gradients of the sum of the squares of all of it. */
async function run(
  device: Device,
  given: Record<string, NdArray>,
  forward: Forward,
): Promise<Record<string, NdArray>> {
  const program = await compileProgram((_state, inputs: Record<string, Tensor>) => {
    const results = forward(inputs);
    const value = Object.values(results).map((y) => sum(mul(y, y))).reduce((a, b) => add(a, b));
    const names = Object.keys(given).filter((name) => given[name].dtype === "float32");
    const gradients = grad(value, names.map((name) => inputs[name]))
      .map((g, i) => [`gradient of ${names[i]}`, g] as const);
    return { outputs: { ...results, ...Object.fromEntries(gradients) } };
  }, { device, inputs: given });
  const values = await program.call(given);
  program.close();
  return values;
}

function assertClose(
  actual: Record<string, NdArray>,
  expected: Record<string, NdArray>,
  tolerance: number,
): void {
  assertEquals(Object.keys(actual), Object.keys(expected));
  for (const [name, { data, shape }] of Object.entries(expected)) {
    assertEquals([...actual[name].shape], [...shape], name);
    data.forEach((e, i) => assertAlmostEquals(actual[name].data[i], e, tolerance, `${name}, element ${i}`));
  }
}

/** tanh(shared(tanh(shared(x)))) + x, in front of a layer. */
function sharedWithSkip(): Model {
  const x = input([3]);
  const shared = dense({ units: 3, activation: "tanh" });
  const model = graph({
    inputs: x,
    outputs: merge(sumOf(), [x.to(shared, shared), x]).to(dense({ units: 2 })),
  });
  fillWeights(model, 3);
  return model;
}

/** The same in doubles: the sum of the squares of what comes out. */
function inDoubles(given: Record<string, readonly number[]>): number {
  const layer = (x: readonly number[], name: string) => {
    const bias = given[`${name}/bias`];
    return bias.map((b, j) => x.reduce((y, v, i) => y + v * given[`${name}/kernel`][i * bias.length + j], b));
  };
  let total = 0;
  for (let at = 0; at < given.x.length; at += 3) {
    const x = given.x.slice(at, at + 3);
    let h = x;
    for (let times = 0; times < 2; times++) h = layer(h, "dense_1").map(Math.tanh);
    for (const y of layer(h.map((v, i) => v + x[i]), "dense_2")) total += y * y;
  }
  return total;
}

for (const { name, device } of everyDevice) {
  Deno.test(`gradients through a shared layer and a skip agree with finite differences on ${name}`, async () => {
    const model = sharedWithSkip();
    const given = { x: someNumbers([2, 3], 9), ...Object.fromEntries(model.weights) };
    const values = await run(device, given, (all) => ({ ...model.apply(all.x, all).outputs }));
    const numbers = Object.fromEntries(
      Object.entries(given).map(([key, { data }]) => [key, Array.from(data)]),
    );
    for (const [key, list] of Object.entries(numbers)) {
      list.forEach((_, i) => {
        const moved = (by: number) => inDoubles({ ...numbers, [key]: list.with(i, list[i] + by) });
        const expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        const actual = values[`gradient of ${key}`].data[i];
        assertAlmostEquals(actual, expected, 2e-5 * Math.max(1, Math.abs(expected)), `${key} ${i}`);
      });
    }
  });

  Deno.test(`a graph of inputs, models and outputs gives what the same program by hand does on ${name}`, async () => {
    const encoder = sequential([dense({ units: 4, activation: "tanh" })], {
      inputShape: [3],
      name: "encoder",
    });
    const [x, z] = [input([3]), input([3])];
    const [word, factor] = [input([], { dtype: "int32" }), input([1])];
    const looked = merge(scaledRows(5, 4), [word, factor]);
    const joint = merge(sumOf(), [merge(sumOf(), [x.to(encoder), connect(encoder, z).output]), looked]);
    const model = graph({
      inputs: { x, z, word, factor },
      outputs: { joint, two: joint.to(dense({ units: 2 })) },
    });
    fillWeights(model, 5);
    const given = {
      x: someNumbers([2, 3], 1),
      z: someNumbers([2, 3], 2),
      word: ndarray("int32", [2], [4, 1]),
      factor: someNumbers([2, 1], 3),
      ...Object.fromEntries(model.weights),
    };
    assertClose(
      await run(device, given, (all) => ({ ...model.apply(all, all).outputs })),
      await run(device, given, (all) => {
        const [kernel, bias] = [all["encoder/dense_1/kernel"], all["encoder/dense_1/bias"]];
        const code = (v: Tensor) => tanh(denseOf(v, kernel, bias));
        const rows = scaledRows(5, 4).apply(all.word, {
          inputs: [all.word, all.factor],
          weights: { table: all["scaledRows_1/table"] },
        } as never);
        const joint = add(add(code(all.x), code(all.z)), rows);
        return { joint, two: denseOf(joint, all["dense_1/kernel"], all["dense_1/bias"]) };
      }),
      0,
    );
  });
}

Deno.test("statistics of a layer with two places move at each of them in turn", async () => {
  const shared = batchNormalization({ momentum: 0.5 });
  const once = sequential([batchNormalization({ momentum: 0.5 })], { inputShape: [2] });
  const x = input([2]);
  const twice = graph({ inputs: x, outputs: merge(sumOf(), [x.to(shared), x.to(shared)]) });
  const batch = someNumbers([4, 2]);
  const [one, two] = await Promise.all(
    [once, twice].map((model) => applyModel(model, batch, { training: true })),
  );
  assertEquals(Object.keys(two.updates), ["batchNormalization_1/mean", "batchNormalization_1/variance"]);
  for (const [name, start] of [["mean", 0], ["variance", 1]] as const) {
    const [a, b] = [one, two].map(({ updates }) => updates[`batchNormalization_1/${name}`].data);
    // From the start half of the way, then half of what is left.
    a.forEach((value, i) => assertAlmostEquals(b[i], start + (value - start) * 1.5, 1e-6));
  }
});

Deno.test("with mixed precision a graph keeps whole numbers whole, and halves what goes into products", async () => {
  const [word, factor] = [input([], { dtype: "int32" }), input([1])];
  const model = graph({ inputs: { word, factor }, outputs: merge(scaledRows(70_000, 1), [word, factor]) });
  const table = model.weights.get("scaledRows_1/table")!;
  model.setWeight("scaledRows_1/table", { ...table, data: table.data.map((_, i) => i) });
  const given = {
    word: ndarray("int32", [2], [69_999, 4097]),
    factor: ndarray("float32", [2, 1], [1 + 2 ** -20, 1]),
    ...Object.fromEntries(model.weights),
  };
  for (const { device } of everyDevice) {
    const { output } = await run(device, given, (all) => {
      const { output } = model.apply(all, all, { precision: "mixed", random: new RandomSource({ seed: 0 }) });
      return { output };
    });
    assertEquals([...output.data], [69_999, 4097]);
  }
});
