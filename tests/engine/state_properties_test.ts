/** Any updates of a few pieces of state by each other give what plain arrays give, run after run. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { cpuInRows, everyDevice } from "../devices.ts";

/** New values from two old ones, as tensors and as numbers; whole numbers stay exact. */
interface Rule {
  readonly tensor: (a: Tensor, b: Tensor) => Tensor;
  readonly numbers: (a: number[], b: number[]) => number[];
}

const rules: Rule[] = [
  { tensor: (a) => a, numbers: (a) => a },
  { tensor: (a, b) => g.add(a, b), numbers: (a, b) => a.map((x, i) => x + b[i]) },
  { tensor: (a, b) => g.sub(g.reverse(a), b), numbers: (a, b) => a.toReversed().map((x, i) => x - b[i]) },
  { tensor: (a) => g.reverse(a), numbers: (a) => a.toReversed() },
  {
    tensor: (a, b) => g.sub(a, g.max(b)),
    numbers: (a, b) => a.map((x) => x - Math.max(...b)),
  },
  {
    tensor: (a) => g.concat([g.slice(a, [a.size - 1], [1]), g.slice(a, [0], [a.size - 1])]),
    numbers: (a) => [...a.slice(-1), ...a.slice(0, -1)],
  },
  { tensor: (a) => g.reshape(g.mul(g.reshape(a, [1, -1]), -1), [-1]), numbers: (a) => a.map((x) => -x) },
  { tensor: (_, b) => g.full(b.shape, 3), numbers: (_, b) => b.map(() => 3) },
];

const names = ["a", "b", "c"] as const;
type Name = typeof names[number];

const programs = fc.record({
  size: fc.integer({ min: 1, max: 9 }),
  updates: fc.array(
    fc.record({
      rule: fc.nat(rules.length - 1),
      first: fc.nat(2),
      second: fc.nat(2),
      isShared: fc.boolean(),
    }),
    { minLength: 3, maxLength: 3 },
  ),
  output: fc.record({ rule: fc.nat(rules.length - 1), first: fc.nat(2), second: fc.nat(2) }),
  times: fc.integer({ min: 1, max: 3 }),
});

for (const { name: place, device } of [...everyDevice, cpuInRows]) {
  Deno.test(`any updates of state by state are right on ${place}`, async () => {
    await fc.assert(
      fc.asyncProperty(programs, async ({ size, updates, output, times }) => {
        let values = names.map((_, k) => Array.from({ length: size }, (_, i) => 1 + i * (k + 2)));
        const start = Object.fromEntries(names.map((n, k) => [n, ndarray("float32", [size], values[k])]));
        const state = new State<Name>(device, start as Record<Name, ReturnType<typeof ndarray>>);
        const program = await compileProgram((old) => {
          const made: Tensor[] = [];
          for (const { rule, first, second, isShared } of updates) {
            // Sometimes one tensor becomes the value of two pieces of state.
            const value = isShared && made.length > 0
              ? made[0]
              : rules[rule].tensor(old[names[first]], old[names[second]]);
            made.push(value);
          }
          const { rule, first, second } = output;
          const y = rules[rule].tensor(old[names[first]], old[names[second]]);
          return { state: { a: made[0], b: made[1], c: made[2] }, outputs: { y } };
        }, { device, state });
        let y: number[] = [];
        for (let run = 0; run < times; run++) {
          program.run();
          y = rules[output.rule].numbers(values[output.first], values[output.second]);
          const next: number[][] = [];
          for (const { rule, first, second, isShared } of updates) {
            next.push(
              isShared && next.length > 0 ? next[0] : rules[rule].numbers(values[first], values[second]),
            );
          }
          values = next;
        }
        // Adding zero makes one of the two zeros.
        const numbers = (data: Iterable<number>) => Array.from(data, (x) => x + 0);
        assertEquals(numbers((await program.read("y")).data), numbers(y));
        for (const [k, name] of names.entries()) {
          assertEquals(numbers((await state.read(name)).data), numbers(values[k]), name);
        }
        program.close();
        state.close();
      }),
      { numRuns: device.kind === "cpu" ? 400 : 30, seed: 8 },
    );
  });
}
