/** Products of looked-up rows: where more rows are looked up than there are, the table is multiplied. */
import { assert, assertEquals } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { assertClose, drawInputs } from "../check_op.ts";
import { everyDevice } from "../devices.ts";

const [rows, width, columns] = [5, 8, 12];

type Function = (table: Tensor, weight: Tensor, indices: Tensor) => Tensor;

/** What a function gives, its gradients, and how many rows its products have. */
async function results(of: Function, indices: number[], shape: number[], device = everyDevice[0].device) {
  const [table, weight] = drawInputs([{ shape: [rows, width] }, { shape: [width, columns] }]);
  const inputs = { table, weight, indices: Int32Array.from(indices) };
  const program = await compileProgram((_state, given: Record<string, Tensor>) => {
    const y = of(given.table, given.weight, given.indices);
    const [toTable, toWeight] = g.grad(g.sum(g.square(y)), [given.table, given.weight]);
    return { outputs: { y, toTable, toWeight } };
  }, { device, inputs: { table, weight, indices: { dtype: "int32", shape } } });
  const values = await program.call(inputs);
  const contracted = [...program.explain().matchAll(/loops ([0-9]+)[0-9x]*, contract/g)].map((m) => m[1]);
  program.close();
  return { values, contracted };
}

/** The same by a product with ones and zeros, which nothing looks into. */
const byOnes = (of: (x: Tensor, weight: Tensor) => Tensor): Function => (table, weight, indices) =>
  of(g.matmul(g.oneHot(indices, rows), table), weight);

const net = (x: Tensor, weight: Tensor) => {
  const { ys } = g.scan(({ h }, { x }) => {
    const next = g.tanh(g.add(g.matmul(x, weight), g.mul(h, 0.5)));
    return { carry: { h: next }, ys: { next } };
  }, { carry: { h: g.zeros([4, columns]) }, xs: { x } });
  return ys.next;
};

const many = Array.from({ length: 24 }, (_, i) => (i * 7) % rows);

for (const { name, device } of everyDevice) {
  Deno.test(`products and gradients of many looked-up rows are those of the rows, in a loop, too, on ${name}`, async () => {
    const direct: Function = (table, weight, indices) => g.matmul(g.gather(table, indices), weight);
    const inLoop: Function = (table, weight, indices) => net(g.gather(table, indices), weight);
    const sequences: Function = (table, weight, indices) =>
      net(g.transpose(g.gather(table, g.transpose(indices)), [1, 0, 2]), weight);
    const cases = [[direct, byOnes((x, w) => g.matmul(x, w))], [inLoop, byOnes(net)], [
      sequences,
      byOnes(net),
    ]];
    for (const [of, same] of cases) {
      const found = await results(of, many, [6, 4], device);
      const expected = await results(same, many, [6, 4]);
      for (const key of ["y", "toTable", "toWeight"] as const) {
        assertClose(found.values[key].data, Float64Array.from(expected.values[key].data), 1e-5, key);
      }
    }
  });
}

Deno.test("no product has more rows than the table and its gradients", async () => {
  const { contracted } = await results((t, w, i) => net(g.gather(t, i), w), many, [6, 4]);
  assertEquals(contracted.sort(), ["5", "5", "8"]);
  // A layer has the batch in front and goes along the second axis.
  const swapped = await results((t, w, i) => net(g.transpose(g.gather(t, i), [1, 0, 2]), w), many, [4, 6]);
  assertEquals(swapped.contracted.sort(), ["5", "5", "8"]);
});

Deno.test("looked-up rows have a gradient themselves, too", async () => {
  const [table, weight] = drawInputs([{ shape: [rows, width] }, { shape: [width, columns] }]);
  const program = await compileProgram((_state, given: Record<string, Tensor>) => {
    const indices = g.reshape(g.tensor(Int32Array.from(many)), [6, 4]);
    const gradientOf = (x: Tensor) => g.grad(g.sum(g.square(net(x, given.weight))), [x])[0];
    return {
      outputs: {
        found: gradientOf(g.gather(given.table, indices)),
        expected: gradientOf(g.matmul(g.oneHot(indices, rows), given.table)),
      },
    };
  }, { device: everyDevice[0].device, inputs: { table, weight } });
  const { found, expected } = await program.call({ table, weight });
  program.close();
  assertClose(found.data, Float64Array.from(expected.data), 1e-5, "gradient");
});

Deno.test("few looked-up rows are multiplied themselves, and so are those whose weight a step makes", async () => {
  const few = await results((t, w, i) => g.matmul(g.gather(t, i), w), [3, 1, 3], [3]);
  assert(few.contracted.includes("3"), few.contracted.join());
  const made = await results(
    (t, w, i) => {
      const { carry } = g.scan(({ w }, { x }) => ({ carry: { w: g.add(w, g.mean(g.matmul(x, w))) } }), {
        carry: { w },
        xs: { x: g.gather(t, i) },
      });
      return carry.w;
    },
    many,
    [6, 4],
  );
  assert(made.contracted.includes("4"), made.contracted.join());
});

Deno.test("rows that there are not stay NaN", async () => {
  const { values } = await results((t, w, i) => net(g.gather(t, i), w), [...many.slice(0, -1), rows], [6, 4]);
  const { data } = values.y;
  assert([...data.slice(-columns)].every((v) => Number.isNaN(v)));
  assert([...data.slice(0, -columns)].every((v) => Number.isFinite(v)));
});
