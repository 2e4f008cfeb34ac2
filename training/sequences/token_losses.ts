/** How surprised a model of tokens is by each token of a sequence. */
import type { Device } from "../../engine/device.ts";
import { objectThat, signalKind, whole } from "../../engine/option_kinds.ts";
import { optional, readOptions, readValue } from "../../engine/options.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { takeTurn } from "../../engine/turn.ts";
import { deviceKind, type DeviceName } from "../../devices/select.ts";
import { program } from "../../devices/program.ts";
import type { Model } from "../../models/model.ts";
import { softmaxCrossEntropy } from "../../ops/mod.ts";
import { withDevice } from "../loop/with_device.ts";
import { checkTokens, tokenCount, TokenModel } from "./token_model.ts";

/** A sequence is cut into parts from so many tokens on; the parts are read at the same time. */
const PART = 4096;
const MOST_PARTS = 64;
/** So many tokens before a part are read first, so that it does not begin with nothing. */
const BEFORE = 256;
/** The most tokens of a part, and logits of all parts, that are computed together. */
const [PIECE, MOST_LOGITS] = [128, 2 ** 24];

const lossOptions = { device: optional(deviceKind), signal: optional(signalKind) };
const tokensKind = objectThat<ArrayLike<number>>(
  "tokens, at least two",
  ({ length }) => typeof length === "number" && length > 1,
);

/**
 * The loss of each token but the first in nats: minus the logarithm of the probability that the model gives it after those before it.
 * What is looked at is handed on from piece to piece, however long the sequence is; of a long one, parts are read at the same time,
 * each from some hundred tokens before it on.
 *
 * @param model A model from `int32 [length]` to the logits of what comes next, `[length, tokens]`, that can be asked piece by piece
 * ({@linkcode Model.carry}).
 * @param tokens At least two.
 * @returns One number for each token from the second on.
 * @throws {RangeError | TypeError} when the model is none such, or a token is none of its, or there are more than
 * the model has learned positions for.
 * @throws {NotFiniteError} when a weight is infinite or NaN.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { models, ndarray, training } from "@gesso/gesso";
 *
 * const model = models.charRnn({ tokens: 4, length: 16, units: 8 });
 * model.setWeight("dense_1/kernel", ndarray("float32", [8, 4], Array(32).fill(0)));
 * const [first] = await training.tokenLosses(model, [0, 3, 1], { device: "cpu" });
 * assertAlmostEquals(first, Math.log(4), 1e-6); // it knows nothing
 * ```
 */
export async function tokenLosses(
  model: Model,
  tokens: ArrayLike<number>,
  options: { device?: Device | DeviceName; signal?: AbortSignal } = {},
): Promise<Float32Array> {
  const attempt = "measure the losses of tokens";
  const count = tokenCount(attempt, model);
  const { device, signal } = readOptions(attempt, options, lossOptions);
  const read = Array.from(readValue(attempt, "tokens", tokens, tokensKind));
  const strange = read.findIndex((token) => !(Number.isInteger(token) && token >= 0 && token < count));
  if (strange >= 0) readValue(attempt, `tokens[${strange}]`, read[strange], whole(0, count - 1));
  checkTokens(attempt, model, read.length - 1);
  const given = Int32Array.from(read);
  return await withDevice(device, (device) => lossesOn(model, count, given, device, signal));
}

/** Losses from one place to another, which are read from a place before on. */
interface Part {
  readonly read: number;
  readonly from: number;
  readonly to: number;
}

function partsOf(losses: number): Part[] {
  const parts = Math.min(MOST_PARTS, Math.max(1, Math.floor(losses / PART)));
  const place = (part: number) => Math.floor(losses * part / parts);
  return Array.from({ length: parts }, (_, i) => {
    const from = place(i);
    return { read: Math.max(0, from - BEFORE), from, to: place(i + 1) };
  });
}

async function lossesOn(
  model: Model,
  count: number,
  tokens: Int32Array,
  device: Device,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const parts = partsOf(tokens.length - 1);
  const longest = Math.max(...parts.map(({ read, to }) => to - read));
  const length = Math.max(1, Math.min(PIECE, longest, Math.floor(MOST_LOGITS / count / parts.length)));
  const shape = [parts.length, length];
  const own = new TokenModel(model, device, parts.length);
  try {
    const measure = await program(
      (state: Record<string, Tensor>, { piece, next }: Record<string, Tensor>) => {
        const { logits, carry } = own.apply(state, piece, own.carryOf(state));
        return { state: carry, outputs: { losses: softmaxCrossEntropy(logits, next) } };
      },
      {
        state: own.state,
        inputs: { piece: { dtype: "int32", shape }, next: { dtype: "int32", shape } },
        signal,
      },
    );
    const result = new Float32Array(tokens.length - 1);
    try {
      const [piece, next] = [new Int32Array(parts.length * length), new Int32Array(parts.length * length)];
      for (let at = 0; at < longest; at += length) {
        await takeTurn(signal);
        parts.forEach(({ read }, part) => {
          for (let i = 0; i < length; i++) {
            // Behind its end, a part reads on: that is not looked at.
            piece[part * length + i] = tokens[read + at + i] ?? 0;
            next[part * length + i] = tokens[read + at + i + 1] ?? 0;
          }
        });
        const { losses } = await measure.call({ piece, next });
        parts.forEach(({ read, from, to }, part) => {
          const [first, last] = [Math.max(from, read + at), Math.min(to, read + at + length)];
          const row = part * length - read - at;
          if (first < last) result.set(losses.data.subarray(row + first, row + last) as Float32Array, first);
        });
      }
    } finally {
      measure.close();
    }
    return result;
  } finally {
    own.close();
  }
}
