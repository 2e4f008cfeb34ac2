import { assertEquals, assertRejects } from "@std/assert";
import { DataError } from "../../../data/data_error.ts";
import { mnist } from "../../../data/image/mnist.ts";
import { FormatError } from "../../../formats/format_error.ts";
import { temporary } from "../temporary.ts";

/** An IDX file of bytes. */
const idx = (shape: number[], data: number[]) =>
  new Uint8Array([0, 0, 8, shape.length, ...shape.flatMap((size) => [0, 0, size >> 8, size & 255]), ...data]);

const gzipped = async (bytes: Uint8Array<ArrayBuffer>) =>
  await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();

/** Digits of 2x2 pixels: those to train by in two pieces, one of them packed. */
async function digits(folder: string, changed: Record<string, Uint8Array | undefined> = {}): Promise<void> {
  const files = {
    "train-images-0.gz": await gzipped(idx([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])),
    "train-images-1": idx([1, 2, 2], [9, 10, 11, 12]),
    "train-labels": idx([3], [7, 0, 9]),
    "t10k-images-idx3-ubyte": idx([1, 2, 2], [0, 0, 255, 0]),
    "t10k-labels-idx1-ubyte": idx([1], [4]),
    ...changed,
  };
  for (const [name, bytes] of Object.entries(files)) {
    if (bytes) await Deno.writeFile(`${folder}/${name}`, bytes);
  }
}

Deno.test("mnist() joins its files, packed or not, and gives both parts with their classes", async () => {
  await using folder = await temporary();
  await digits(folder.path);
  const { train, test } = await mnist(folder.path);
  assertEquals(train.inputs.shape, [3, 2, 2, 1]);
  assertEquals([...train.inputs.data], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  assertEquals([...train.targets.data], [7, 0, 9]);
  assertEquals([test.length, test.example(0).className], [1, "4"]);
});

Deno.test("mnist() says which file is missing, damaged, or does not belong to the others", async () => {
  const refused = async (
    changed: Record<string, Uint8Array | undefined>,
    reason: string,
    kind: typeof DataError | typeof FormatError = DataError,
  ) => {
    await using folder = await temporary();
    await digits(folder.path, changed);
    await assertRejects(() => mnist(folder.path), kind as typeof DataError, reason);
  };
  await refused({ "train-labels": undefined }, "there is no file train-labels*");
  await refused({ "t10k-images-idx3-ubyte": undefined }, "there is no file t10k-images* or test-images*");
  await refused(
    { "train-images-1": idx([1, 3, 2], [1, 2, 3, 4, 5, 6]) },
    "train-images-1 holds uint8 [1, 3, 2]",
  );
  await refused({ "train-labels": idx([2], [1, 2]) }, "its train images are [3, 2, 2] and its labels [2]");
  await refused({ "train-labels": idx([3], [1, 2, 10]) }, "as many labels from 0 to 9");
  await refused(
    { "train-labels": new Uint8Array(5) },
    "train-labels",
    FormatError,
  );
  await using folder = await temporary();
  await assertRejects(() => mnist(`${folder.path}/none`), DataError, "there is no such file or folder");
});
