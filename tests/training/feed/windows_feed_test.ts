import { assertEquals } from "@std/assert";
import { Dataset } from "../../../data/dataset.ts";
import { classes, numbers, tokens } from "../../../data/field.ts";
import { windows } from "../../../data/windows.ts";
import { ndarray } from "../../../engine/array.ts";
import { everyDevice } from "../../devices.ts";
import { narrowDevice } from "../loop/narrow_device.ts";
import { serveFeed } from "./feed_program.ts";

const letters = tokens(ndarray("uint8", [103], Uint8Array.from({ length: 103 }, (_, i) => (i * 7) % 251)));
const levels = numbers(ndarray("uint8", [103, 2], Uint8Array.from({ length: 206 }, (_, i) => i)), {
  offset: -0.5,
});

/** Windows into two streams, one of them shared, and a label for each. */
const data = new Dataset({
  fields: {
    text: windows(letters, { length: 5, stride: 3 }),
    next: windows(letters, { length: 5, stride: 3, shift: 1 }),
    sound: windows(levels, { length: 4, stride: 3, shift: 2 }),
    label: classes(ndarray("int32", [33], Int32Array.from({ length: 33 }, (_, i) => i))),
  },
  targets: ["next", "label"],
}).slice(1);

/** Numbers as they are but for the device's rounding. */
const rounded = (numbers: Iterable<number>) => Array.from(numbers, (x) => Math.round(x * 1e4) / 1e4);

const batchSize = 5;
const stepsPerEpoch = 7;

/** What the host says about the same steps. */
function expected(epochs: number, seed?: number) {
  return Array.from({ length: epochs }, (_, epoch) => [...data.batches(batchSize, { seed, epoch })]).flat()
    .map(({ fields }) =>
      Object.fromEntries(Object.entries(fields).map(([name, { data }]) => [name, rounded(data)]))
    );
}

/** The part of a batch that counts. */
const counting = ({ fields, counts }: Awaited<ReturnType<typeof serveFeed>>["batches"][number]) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, { data, shape }]) => {
      const size = data.length / shape[0];
      return [
        name,
        rounded(counts.flatMap((n, i) => n === 1 ? [...data.slice(i * size, (i + 1) * size)] : [])),
      ];
    }),
  );

for (const { name, device } of everyDevice) {
  for (const shuffleSeed of [undefined, 6]) {
    Deno.test(`windows are taken out of one stream ${shuffleSeed ? "in a shuffled order" : "in order"} on ${name}`, async () => {
      const { batches, stateNames } = await serveFeed(device, { data, batchSize, shuffleSeed }, {
        to: 2 * stepsPerEpoch,
      });
      assertEquals(batches.map(counting), expected(2, shuffleSeed));
      assertEquals(
        stateNames,
        ["data/text", "data/sound", "data/label"],
        "a stream that is shared is there once",
      );
    });
  }
}

Deno.test("windows into a stream that does not fit are the same", async () => {
  // The largest field of a step is 5 windows of 4 numbers each, in bytes: 40; so 2 steps fit.
  const { device, largest } = narrowDevice(100);
  const { batches, loads } = await serveFeed(device, { data, batchSize, shuffleSeed: 6 }, {
    to: 2 * stepsPerEpoch,
  });
  assertEquals(batches.map(counting), expected(2, 6));
  assertEquals([loads.slice(0, 4), largest() <= 100], [[2, 2, 2, 1], true]);
  device.close();
});
