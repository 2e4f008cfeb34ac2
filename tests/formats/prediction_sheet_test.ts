import { assert, assertEquals, assertThrows } from "@std/assert";
import type { NdArray } from "../../engine/array.ts";
import { predictionSheet, type PredictionSheetOptions } from "../../formats/drawing/prediction_sheet.ts";

const grey = 128;
const options: PredictionSheetOptions = {
  images: { dtype: "uint8", shape: [3, 32, 32, 3], data: new Uint8Array(3 * 3072).fill(grey) },
  probabilities: { dtype: "float32", shape: [3, 2], data: new Float32Array([0.9, 0.1, 0.2, 0.8, 0.3, 0.7]) },
  labels: [0, 0, 1],
  classNames: ["night", "day"],
  columns: 2,
};

/** How many pixels of a sheet have a colour. */
function count({ data }: NdArray, [red, green, blue]: number[]): number {
  let pixels = 0;
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] === red && data[i + 1] === green && data[i + 2] === blue) pixels++;
  }
  return pixels;
}

const green = [22, 128, 57];
const red = [200, 30, 40];
const frame = 4 * (160 + 160 + 8);

Deno.test("predictionSheet() enlarges every picture without blending its pixels", () => {
  const sheet = predictionSheet(options);
  assertEquals(sheet.dtype, "uint8");
  assertEquals(count(sheet, [grey, grey, grey]), 3 * 160 * 160);
});

Deno.test("predictionSheet() frames right predictions green and wrong ones red", () => {
  const sheet = predictionSheet(options);
  const greens = count(sheet, green);
  const reds = count(sheet, red);
  // Beyond the frames there are the names, in the same colour.
  assert(greens > 2 * 2 * frame && greens < 2 * 2 * frame + 1500, `${greens} green pixels`);
  assert(reds > 2 * frame && reds < 2 * frame + 1000, `${reds} red pixels`);
});

Deno.test("predictionSheet() is neither green nor red where no label is known", () => {
  const sheet = predictionSheet({ ...options, labels: undefined });
  assertEquals([count(sheet, green), count(sheet, red)], [0, 0]);
});

Deno.test("predictionSheet() has a row for every started number of columns", () => {
  const height = (columns: number) => predictionSheet({ ...options, columns }).shape[0];
  assertEquals(height(3) < height(2), true);
  assertEquals(height(9), height(3));
  assertEquals(
    predictionSheet({ ...options, columns: 9 }).shape[1],
    predictionSheet({ ...options, columns: 3 }).shape[1],
  );
});

Deno.test("predictionSheet() cuts names that are too long for their column", () => {
  const classNames = ["n".repeat(200), "d".repeat(200)];
  const sheet = predictionSheet({ ...options, classNames, columns: 1 });
  assertEquals(sheet.shape[1], predictionSheet({ ...options, columns: 1 }).shape[1]);
});

const refusals: [title: string, change: Partial<PredictionSheetOptions>, reason: string][] = [
  ["there is a label too few", { labels: [0, 1] }, "there are 2 labels"],
  ["a label has no name", { labels: [0, 1, 2] }, "a label has no name"],
  ["there is a name too many", { classNames: ["a", "b", "c"] }, "there are 3 names of classes"],
  [
    "the pictures are grey",
    { images: { dtype: "uint8", shape: [3, 32, 32, 1], data: new Uint8Array(3072) } },
    "[3, 32,",
  ],
  [
    "there are fewer predictions than pictures",
    { probabilities: { dtype: "float32", shape: [2, 2], data: new Float32Array(4) } },
    "a row for each picture",
  ],
  ["there are no columns", { columns: 0 }, "0 columns"],
];
for (const [title, change, reason] of refusals) {
  Deno.test(`predictionSheet() throws when ${title}`, () => {
    assertThrows(() => predictionSheet({ ...options, ...change }), RangeError, reason);
  });
}
