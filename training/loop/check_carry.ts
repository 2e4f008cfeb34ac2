/** Whether batches can go on from one another. */
import { Generated } from "../../data/generated.ts";
import type { TrainingData } from "../feed/data_feed.ts";

/** Throws unless examples of all data follow one another, in an order that is kept. */
export function checkCarryOrder(attempt: string, all: readonly TrainingData[], shuffle: boolean): void {
  if (shuffle) {
    throw new TypeError(
      `Cannot ${attempt} with carry and shuffle: each batch goes on where the one before ended, so that examples keep their order; ` +
        "leave shuffle out",
    );
  }
  for (const data of all) {
    if (data instanceof Generated) {
      throw new TypeError(
        `Cannot ${attempt} with carry on ${data.name}: its examples are made one after another, and rows of a batch begin in the ` +
          "midst of them; a Dataset would do",
      );
    }
    for (const [field, encoding] of Object.entries(data.encodings)) {
      if (encoding.kind !== "windows" || encoding.stride === encoding.length) continue;
      const { length, stride } = encoding;
      throw new RangeError(
        `Cannot ${attempt} with carry on ${data.name}: its ${field} are windows of ${length} that begin every ${stride} elements, ` +
          `and each has to go on where the one before ended, as with stride ${length}`,
      );
    }
  }
}
