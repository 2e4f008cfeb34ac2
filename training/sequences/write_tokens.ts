/** Writing: a model of tokens goes on with what it is given, token by token, on the device. */
import type { Device } from "../../engine/device.ts";
import { selectDevice } from "../../devices/select.ts";
import type { Model } from "../../models/model.ts";
import { checkTokens, tokenCount } from "./token_model.ts";
import { TokenWriter } from "./token_writer.ts";
import { type Prompts, readWriteOptions, type WriteOptions } from "./write_options.ts";

/**
 * Goes on with sequences of tokens: those of all streams are drawn together, on the device, and come in pieces as they are
 * written. A token takes as long at the end of a long text as at its beginning. The same model, prompts, options and
 * kind of device write the same.
 *
 * @param model A model from `int32 [length]` to the logits of what comes next, `[length, tokens]`, that can be asked piece by piece
 * ({@linkcode Model.carry}).
 * @returns For each stream the tokens that are new since the last time.
 * @throws {RangeError | TypeError} when the model is none such, or a token or an option is not what it has to be, or
 * prompt and length go beyond the positions that the model has learned.
 * @throws {NotFiniteError} when a weight is infinite or NaN.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { models, training } from "@gesso/gesso";
 *
 * const model = models.charRnn({ tokens: 5, length: 16, units: 8 });
 * const written: number[][] = [[], []];
 * for await (const pieces of training.writeTokens(model, [[0], [1, 2]], { length: 50, seed: 3, device: "cpu" })) {
 *   pieces.forEach((tokens, stream) => written[stream].push(...tokens));
 * }
 * assertEquals(written.map(({ length }) => length), [50, 50]);
 * ```
 */
export async function* writeTokens(
  model: Model,
  prompts: Prompts,
  options: WriteOptions,
): AsyncGenerator<Int32Array[], void, undefined> {
  const attempt = "write tokens";
  const tokens = tokenCount(attempt, model);
  const read = readWriteOptions(attempt, tokens, prompts, options);
  // Behind the last token that is written nothing is asked for.
  checkTokens(attempt, model, Math.max(...prompts.map(({ length }) => length)) + read.length - 1);
  const chosen = typeof read.device === "object" ? undefined : (await selectDevice(read.device)).device;
  const writer = new TokenWriter(model, tokens, prompts, read, chosen ?? read.device as Device);
  try {
    yield* writer.write();
  } finally {
    writer.close();
    chosen?.close();
  }
}
