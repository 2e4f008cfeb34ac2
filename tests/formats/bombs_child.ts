/** Reads all bombs in turn, and says of each what came of it, and of all how much memory was taken beside the files. */
import { FormatError } from "../../formats/format_error.ts";
import { decodeImage, resizeImage } from "../../formats/image/image.ts";
import { decodeModel } from "../../models/model_file.ts";
import { largePictures, pictureBombs, tensorBombs } from "./bombs.ts";
import { forgetPeak, peakMemory } from "./peak_memory.ts";

async function outcome(read: () => Promise<unknown>): Promise<string> {
  try {
    return String(await read()); // decoding may throw at once, or later
  } catch (error) {
    return error instanceof FormatError ? "FormatError" : String(error);
  }
}

const picture = async (bytes: Uint8Array) => {
  const image = await decodeImage(bytes);
  resizeImage(image, 32, 32);
  return image.shape;
};
const modelName = (bytes: Uint8Array) => Promise.resolve(decodeModel(bytes).name);
const all: [string, () => Uint8Array, (bytes: Uint8Array) => Promise<unknown>][] = [
  // First, as long as there is nothing that the process has given up and could take again.
  ...Object.entries(largePictures).map(([name, { make }]): typeof all[0] => [
    name,
    make,
    async (bytes) => (await decodeImage(bytes)).shape,
  ]),
  ...Object.entries(pictureBombs).map(([name, make]): typeof all[0] => [name, make, picture]),
  ...Object.entries(tensorBombs).map(([name, make]): typeof all[0] => [name, make, modelName]),
];
const said: Record<string, { outcome: string; extra: number }> = {};
for (const [name, make, read] of all) {
  const bytes = make();
  forgetPeak();
  const before = peakMemory();
  said[name] = { outcome: await outcome(() => read(bytes)), extra: peakMemory() - before };
}
console.log(JSON.stringify(said));
