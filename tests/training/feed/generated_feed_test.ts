import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DataError } from "../../../data/data_error.ts";
import {
  type ExamplesRequest,
  type Generated,
  generated,
  type MadeExamples,
} from "../../../data/generated.ts";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { everyDevice } from "../../devices.ts";
import { narrowDevice } from "../loop/narrow_device.ts";
import { serveFeed } from "./feed_program.ts";

const cpu = cpuDevice({ threads: 1 });

/** Example i of an epoch is [1000 epoch + i, seed]. */
const numbered = (
  options: Partial<Parameters<typeof generated>[0]> & { made?: (request: ExamplesRequest) => void } = {},
): Generated => {
  const { made, ...others } = options;
  return generated({
    name: "numbered",
    fields: { x: { dtype: "float32", shape: [2] }, label: { dtype: "int32", shape: [] } },
    examplesPerEpoch: 10,
    async *examples(request) {
      for (let i = request.position;; i++) {
        await Promise.resolve();
        made?.(request);
        yield { x: Float32Array.of(1000 * request.epoch + i, request.seed), label: i };
      }
    },
    ...others,
  });
};

/** The first number of each example that counts, a list a step. */
async function served(data: Generated, steps: { from?: number; to: number }, batchSize = 4, device = cpu) {
  const { batches, loads } = await serveFeed(device, { data, batchSize, seed: 7 }, steps);
  const own = batches.map(({ fields: { x, label }, counts }) => {
    assertEquals(
      [...label.data],
      Array.from(label.data, (_, i) => x.data[2 * i] % 1000),
      "fields go together",
    );
    assertEquals(x.data[1], 7);
    return counts.flatMap((n, i) => n === 1 ? [x.data[2 * i]] : []);
  });
  return { own, loads };
}

const epoch = (e: number) =>
  [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]].map((step) => step.map((i) => 1000 * e + i));

for (const { name, device } of everyDevice) {
  Deno.test(`examples that are made come to the steps in their order on ${name}`, async () => {
    const { batches } = await serveFeed(device, { data: numbered(), batchSize: 4, seed: 7 }, { to: 7 });
    const own = batches.map(({ fields: { x }, counts }) =>
      counts.flatMap((n, i) => n ? [x.data[2 * i]] : [])
    );
    assertEquals(own, [...epoch(0), ...epoch(1), epoch(2)[0]]);
  });
}

Deno.test("batches of any size are cut into the steps' own, and what is made beyond an epoch is left", async () => {
  const whole = (count: number) =>
    numbered({
      *examples({ epoch, seed }) {
        for (let at = 0;; at += count) {
          const place = Array.from({ length: count }, (_, i) => at + i);
          yield {
            x: {
              dtype: "float32",
              shape: [count, 2],
              data: Float32Array.from(place.flatMap((i) => [1000 * epoch + i, seed])),
            },
            label: Int32Array.from(place),
          };
        }
      },
    });
  for (const count of [1, 3, 4, 10, 64]) {
    assertEquals((await served(whole(count), { to: 6 })).own, [...epoch(0), ...epoch(1)], `${count}`);
  }
});

for (const seekable of [false, true]) {
  Deno.test(`a run that goes on in the middle gets what comes next from a source that is ${seekable ? "" : "not "}seekable`, async () => {
    const begins: number[][] = [];
    const data = numbered({
      seekable,
      *examples({ epoch, seed, position }) {
        begins.push([epoch, position]);
        for (let i = position; i < 10; i++) yield { x: Float32Array.of(1000 * epoch + i, seed), label: i };
      },
    });
    assertEquals((await served(data, { from: 4, to: 7 })).own, [...epoch(1).slice(1), epoch(2)[0]]);
    assertEquals(begins, [[1, seekable ? 4 : 0], [2, 0]]);
  });
}

Deno.test("some steps are made ahead, and no more than that", async () => {
  let made = 0;
  const data = numbered({ examplesPerEpoch: 1000, made: () => made++ });
  // 16 steps of 4 go to the device together, and twice as many are kept ready.
  const { loads } = await served(data, { to: 1 });
  assertEquals([loads[0] >= 1, made <= 64 + 128 + 1], [true, true]);
});

Deno.test("examples whose steps are large come in fewer steps", async () => {
  const { device, largest } = narrowDevice(70);
  assertEquals((await served(numbered(), { to: 6 }, 4, device)).own, [...epoch(0), ...epoch(1)]);
  assertEquals(largest() <= 70, true);
  device.close();
});

Deno.test("steps do not wait for more examples than they need", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const data = numbered({
    async *examples({ epoch, seed }) {
      for (let i = 0; i < 10; i++) {
        if (i === 6) await promise;
        yield { x: Float32Array.of(1000 * epoch + i, seed), label: i };
      }
    },
  });
  assertEquals((await served(data, { to: 1 })).own, [[0, 1, 2, 3]]);
  resolve();
});

Deno.test("the next epoch's examples are made while one ends, if there is one", async () => {
  const begun = async (epochs: number | undefined) => {
    const seen = new Set<number>();
    const data = numbered({ made: ({ epoch }) => seen.add(epoch) });
    await serveFeed(cpu, { data, batchSize: 4, seed: 7, epochs }, { to: 3 });
    return [...seen];
  };
  assertEquals([await begun(undefined), await begun(1), await begun(2)], [[0], [0], [0, 1]]);
});

Deno.test("who makes examples is told when no more are wanted, and its end is called", async () => {
  let signal: AbortSignal | undefined;
  const ended = Promise.withResolvers<void>();
  const data = numbered({
    examplesPerEpoch: 1000,
    *examples(request) {
      signal = request.signal;
      try {
        for (let i = 0;; i++) yield { x: Float32Array.of(i, 7), label: i };
      } finally {
        ended.resolve();
      }
    },
  });
  await served(data, { to: 1 });
  await ended.promise;
  assertEquals(signal?.aborted, true);
});

Deno.test("waiting for examples ends with the signal's reason", async () => {
  const abort = new AbortController();
  const data = numbered({
    async *examples() {
      setTimeout(() => abort.abort(new Error("enough")), 5);
      await new Promise<void>(() => {});
      yield {};
    },
  });
  const options = { data, batchSize: 4, signal: abort.signal };
  await assertRejects(() => serveFeed(cpu, options, { to: 1 }), Error, "enough");
});

Deno.test("what goes wrong while examples are made says which one it was", async () => {
  const cases: [() => AsyncGenerator<unknown> | Generator<unknown>, string][] = [
    [
      async function* () {
        yield { x: Float32Array.of(1, 7), label: 1 };
        await Promise.reject(new Error("the disk is gone"));
      },
      "Cannot make example 1 of epoch 1 of numbered: the disk is gone",
    ],
    [
      function* () {
        yield { x: Float32Array.of(1, 7), label: 1 };
      },
      "Cannot make example 1 of epoch 1 of numbered: they end after 1 of the 10 of an epoch",
    ],
    [
      function* () {
        yield { x: Float32Array.of(1, 7) };
      },
      "Cannot use example 0 of epoch 1 of numbered: field label is missing, it has to be int32 [] or several of these",
    ],
    [
      function* () {
        yield { x: Float32Array.of(1, 7, 3), label: 1 };
      },
      "field x is Float32Array with 3 elements, it has to be float32 [2]",
    ],
    [
      function* () {
        yield { x: new Uint8Array(2), label: 1 };
      },
      "field x is Uint8Array with 2 elements",
    ],
    [
      function* () {
        yield { x: { dtype: "float32", shape: [1, 4], data: new Float32Array(4) }, label: 1 };
      },
      "field x is float32 [1,4]",
    ],
    [
      function* () {
        yield { x: new Float32Array(4), label: 1 };
      },
      "its fields have 2 and 1 examples, all need as many",
    ],
    [
      function* () {
        yield { x: new Float32Array(2), label: 1.5 };
      },
      "field label is 1.5",
    ],
    [
      function* () {
        yield { x: new Float32Array(2), label: 1, other: 2 };
      },
      "there is no field other, but x, label",
    ],
    [
      function* () {
        yield 3;
      },
      "it is 3, no object",
    ],
  ];
  for (const [examples, message] of cases) {
    const data = numbered({ examples: examples as () => AsyncIterable<MadeExamples> });
    const error = await assertRejects(() => served(data, { to: 1 }), DataError, message);
    assertEquals([error.file, error.message.startsWith("Cannot ")], ["numbered", true]);
  }
});

Deno.test("class indices that are none are refused when they come", async () => {
  const data = generated({
    fields: { label: { dtype: "uint8", shape: [], encoding: { kind: "classes", classNames: ["a", "b"] } } },
    examplesPerEpoch: 2,
    examples: () => [{ label: 1 }, { label: 2 }],
  });
  await assertRejects(
    () => serveFeed(cpu, { data, batchSize: 2 }, { to: 1 }),
    DataError,
    "Cannot use example 1 of epoch 1 of generated: field label has class 2, they count from 0 to 1",
  );
});

Deno.test("a source that is described wrongly is refused at once", () => {
  const right = {
    fields: { x: { dtype: "float32", shape: [2] } },
    examplesPerEpoch: 3,
    examples: () => [],
  } as const;
  const cases: [object, string][] = [
    [{ fields: {} }, "without fields"],
    [{ fields: { x: { dtype: "float64", shape: [] } } }, "of field x with dtype"],
    [{ fields: { x: { dtype: "int32", shape: [0] } } }, "of field x with shape"],
    [
      { fields: { x: { dtype: "float32", shape: [], encoding: { kind: "tokens" } } } },
      "with float32 read as tokens",
    ],
    [
      { fields: { x: { dtype: "uint8", shape: [], encoding: { kind: "what" } } } },
      "there are numbers, classes and tokens",
    ],
    [{ examplesPerEpoch: 0 }, "with examplesPerEpoch 0"],
    [{ examples: [] }, "with examples"],
    [{ targets: "y" }, 'with targets "y"'],
    [{ shuffle: true }, 'with option "shuffle"'],
  ];
  for (const [change, message] of cases) {
    const error = assertThrows(() => generated({ ...right, ...change } as never), Error, message);
    assertEquals(error.message.startsWith("Cannot make "), true, error.message);
  }
});
