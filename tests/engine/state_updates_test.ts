/** Programs whose state is swapped, shifted, shared, or depends on itself: what is in it after some runs. */
import { assertEquals } from "@std/assert";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { compileProgram } from "../../engine/compile_program.ts";
import { State } from "../../engine/state.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";

type Values = Record<string, number[]>;
type Trace = (state: Record<string, Tensor>) => {
  state?: Record<string, Tensor>;
  outputs?: Record<string, Tensor>;
};

/** What each piece of state is, before and after, and what comes out. */
interface Example {
  readonly name: string;
  readonly start: Values;
  readonly trace: Trace;
  readonly times?: number;
  readonly end: Values;
  readonly outputs?: Values;
}

const examples: Example[] = [
  {
    name: "two states that are swapped",
    start: { a: [1, 2, 3], b: [4, 5, 6] },
    trace: ({ a, b }) => ({ state: { a: b, b: a } }),
    times: 3,
    end: { a: [4, 5, 6], b: [1, 2, 3] },
  },
  {
    name: "three states that move on by one",
    start: { a: [1], b: [2], c: [3] },
    trace: ({ a, b, c }) => ({ state: { a: b, b: c, c: a } }),
    times: 2,
    end: { a: [3], b: [1], c: [2] },
  },
  {
    name: "two states that become sums of each other",
    start: { a: [1, 2, 3, 4, 5], b: [10, 20, 30, 40, 50] },
    trace: ({ a, b }) => ({ state: { a: g.add(a, b), b: g.sub(a, b) } }),
    end: { a: [11, 22, 33, 44, 55], b: [-9, -18, -27, -36, -45] },
  },
  {
    name: "state that is reversed",
    start: { a: [1, 2, 3, 4, 5, 6, 7] },
    trace: ({ a }) => ({ state: { a: g.reverse(a) } }),
    times: 3,
    end: { a: [7, 6, 5, 4, 3, 2, 1] },
  },
  {
    name: "state that is shifted by one",
    start: { a: [1, 2, 3, 4, 5] },
    trace: ({ a }) => ({ state: { a: g.concat([g.slice(a, [1], [4]), g.slice(a, [0], [1])]) } }),
    times: 2,
    end: { a: [3, 4, 5, 1, 2] },
  },
  {
    name: "state minus its own mean",
    start: { a: [1, 2, 3, 6] },
    trace: ({ a }) => ({ state: { a: g.sub(a, g.mean(a)) } }),
    end: { a: [-2, -1, 0, 3] },
  },
  {
    name: "two states that one tensor updates",
    start: { a: [1, 2, 3], b: [0, 0, 0] },
    trace: ({ a }) => {
      const next = g.mul(a, 2);
      return { state: { a: next, b: next }, outputs: { next } };
    },
    times: 2,
    end: { a: [4, 8, 12], b: [4, 8, 12] },
    outputs: { next: [4, 8, 12] },
  },
  {
    name: "state that keeps its value",
    start: { a: [1, 2] },
    trace: ({ a }) => ({ state: { a }, outputs: { a } }),
    end: { a: [1, 2] },
    outputs: { a: [1, 2] },
  },
  {
    name: "an output that is the old value of updated state",
    start: { a: [1, 2, 3] },
    trace: ({ a }) => ({ state: { a: g.add(a, 1) }, outputs: { old: a, doubled: g.mul(a, 2) } }),
    times: 2,
    end: { a: [3, 4, 5] },
    outputs: { old: [2, 3, 4], doubled: [4, 6, 8] },
  },
  {
    name: "outputs that are views of each other and of state",
    start: { a: [1, 2, 3, 4] },
    trace: ({ a }) => {
      const y = g.exp(g.mul(a, 0));
      const view = g.reshape(y, [2, 2]);
      return { outputs: { y, view, square: g.reshape(view, [4]), same: y, old: g.reshape(a, [2, 2]) } };
    },
    end: { a: [1, 2, 3, 4] },
    outputs: {
      y: [1, 1, 1, 1],
      view: [1, 1, 1, 1],
      square: [1, 1, 1, 1],
      same: [1, 1, 1, 1],
      old: [1, 2, 3, 4],
    },
  },
  {
    name: "a view that becomes state, with a loss beside it",
    start: { a: [1, 2, 3, 4] },
    trace: ({ a }) => {
      const next = g.reshape(g.transpose(g.reshape(a, [2, 2])), [4]);
      return { state: { a: next }, outputs: { loss: g.sum(g.square(g.sub(next, a))) } };
    },
    end: { a: [1, 3, 2, 4] },
    outputs: { loss: [2] },
  },
  {
    name: "a counter that other state depends on",
    start: { count: [0], a: [0, 0, 0, 0, 0] },
    trace: ({ count, a }) => {
      const next = g.add(count, 1);
      return { state: { count: next, a: g.add(a, g.mul(next, next)) }, outputs: { next } };
    },
    times: 4,
    end: { count: [4], a: [30, 30, 30, 30, 30] },
    outputs: { next: [4] },
  },
  {
    name: "a matrix that is multiplied by itself",
    start: { a: [0, 1, 1, 1] },
    trace: ({ a }) => {
      const matrix = g.reshape(a, [2, 2]);
      return { state: { a: g.reshape(g.matmul(matrix, matrix), [4]) } };
    },
    times: 3,
    end: { a: [13, 21, 21, 34] },
  },
  {
    name: "constants as state and outputs",
    start: { a: [1, 2, 3] },
    trace: () => ({ state: { a: g.full([3], 7) }, outputs: { y: g.tensor([4, 5]), z: g.zeros([2]) } }),
    end: { a: [7, 7, 7] },
    outputs: { y: [4, 5], z: [0, 0] },
  },
];

const arraysOf = (values: Values): Record<string, NdArray> =>
  Object.fromEntries(Object.entries(values).map(([k, v]) => [k, ndarray("float32", [v.length], v)]));

for (const { name, device } of everyDevice) {
  for (const { name: what, start, trace, times = 1, end, outputs = {} } of examples) {
    Deno.test(`${what}: right on ${name}`, async () => {
      const kept = new State<string>(device, arraysOf(start));
      const program = await compileProgram<string, never, string>(trace, { device, state: kept });
      for (let i = 0; i < times; i++) program.run();
      for (const [key, values] of Object.entries(end)) {
        assertEquals([...(await kept.read(key)).data], values, key);
      }
      for (const [key, values] of Object.entries(outputs)) {
        assertEquals([...(await program.read(key)).data], values, key);
      }
      program.close();
      kept.close();
    });
  }
}
