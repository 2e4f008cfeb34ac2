/** A network that writes quatrains, and how it learns. */
import { keepDetails } from "../kept_details.ts";
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { PoemCode } from "../../data/poems/poem_code.ts";
import { separators } from "../../data/poems/poem_code.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Quatrains } from "../../data/poems/poem_types.ts";
import { graph } from "../../models/graph/graph.ts";
import { partOf } from "../../models/graph/part_of.ts";
import { input } from "../../models/graph/symbolic_tensor.ts";
import { dense } from "../../models/layers/core/dense.ts";
import { dropout } from "../../models/layers/core/dropout.ts";
import { embedding } from "../../models/layers/embedding/embedding.ts";
import { gru } from "../../models/layers/recurrent/gru.ts";
import type { Model } from "../../models/model.ts";
import * as ops from "../../ops/mod.ts";
import type { Optimizer } from "../../training/optimizers/optimizer.ts";
import { evaluate } from "../../training/fit/evaluate.ts";
import { parameters } from "../../training/step/parameters.ts";
import type { Where } from "../recipe.ts";
import { type TrainStep, trainStep } from "../../training/step/train_step.ts";

/** The sizes of what stands for a token, of the state, and of what characters are told from. */
const [EMBEDDING, UNITS, HIDDEN] = [128, 256, 128];
const DROPOUT = 0.2;
/** Tokens that each place of a batch is compared with, beside the right one; an even number. */
const RIVALS = 640;

/** Tokens to the logits of what comes next. It begins by knowing how often each token is. */
export function poemNetwork(code: PoemCode, next: NdArray, seed: number): Model {
  const tokens = input([code.length - 1], { name: "tokens", dtype: "int32" });
  const hidden = tokens.to(
    embedding({ tokens: code.size, units: EMBEDDING }),
    dropout(DROPOUT / 2),
    gru({ units: UNITS, returnSequences: true }),
    dropout(DROPOUT),
    dense({ units: HIDDEN, name: "hidden" }),
  );
  const model = graph({
    inputs: tokens,
    outputs: hidden.to(dense({ units: code.size, name: "scores" })),
    name: "poems",
    seed,
  });
  model.setWeight("scores/bias", ndarray("float32", [code.size], sharesOf(next, code.size).map(Math.log)));
  keepDetails(model, "poems", code.toJSON());
  return model;
}

/** How much of all tokens each one is; a little also of those that are not there. */
function sharesOf({ data }: NdArray, tokens: number): Float32Array {
  const counts = new Float32Array(tokens).fill(0.1);
  for (const token of data) counts[token]++;
  const all = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => count / all);
}

/** Which tokens are characters of a poem's lines: neither what ends lines, nor the end. */
export function isCharacter(code: PoemCode): (token: number) => boolean {
  const marks = new Set<number>([...code.characters.encode(separators.join("")), code.characters.boundary!]);
  return (token) => token < code.characters.size && !marks.has(token);
}

/** How many characters poems have in their lines, in the middle. */
const charactersOf = ({ targets }: Dataset, code: PoemCode): number => {
  const isOwn = isCharacter(code);
  return Array.from(targets.data).filter(isOwn).length / targets.shape[0];
};

/** A value for each token. */
const tableOf = (code: PoemCode, value: (token: number) => number): Tensor =>
  ops.tensor(Float32Array.from({ length: code.size }, (_, token) => value(token)));

/**
 * Losses at each place, `[batch, length]`, as one number a poem, such that their mean over these poems is nats a character: what ends
 * lines and poems, and the form, do not count.
 */
function aCharacter(code: PoemCode, poems: Dataset): (losses: Tensor, next: Tensor) => Tensor {
  const isOwn = isCharacter(code);
  const mean = charactersOf(poems, code);
  return (losses, next) => {
    const counts = ops.gather(tableOf(code, (token) => Number(isOwn(token))), next);
    return ops.div(ops.sum(ops.mul(losses, counts), 1), mean);
  };
}

/** The loss of a model on poems, in nats a character of their lines. */
export async function natsACharacter(
  model: Model,
  code: PoemCode,
  poems: Dataset,
  where: Where,
): Promise<number> {
  const nats = aCharacter(code, poems);
  const loss = (output: Tensor, next: Tensor) => nats(ops.softmaxCrossEntropy(output, next), next);
  return (await evaluate(model, poems, { loss, batchSize: 64, ...where })).loss;
}

/**
 * How it learns. To compare each place with all thousands of characters would take most of the time, so it is compared with some: half
 * of them stand anywhere in the batch, half are any, as rare ones are to be known, too; one that is drawn often stands for fewer.
 * This tends to the loss with all of them as they become many: https://arxiv.org/abs/1412.2007. Validation compares with all; its
 * loss is nats a character of the lines.
 */
export function poemStep(
  model: Model,
  { code, train, validation }: Quatrains,
  optimizer: Optimizer,
): TrainStep {
  const net = parameters(model, { optimizer, clipNorm: 1 });
  const body = partOf(model, { outputs: "hidden" });
  const shares = sharesOf(train.targets, code.size);
  const [nats, validationNats] = [aCharacter(code, train), aCharacter(code, validation)];
  return trainStep(({ batch, random }) => {
    const { output } = body.apply(batch.tokens, net.values, { training: true, random });
    const [poems, length] = output.shape;
    const places = poems * length;
    const hidden = ops.reshape(output, [places, HIDDEN]);
    const right = ops.reshape(batch.next, [places]);
    const any = (count: number) => ops.cast(ops.floor(ops.mul(random.uniform([RIVALS / 2]), count)), "int32");
    const rivals = ops.concat([ops.gather(right, any(places)), any(code.size)], 0);
    const { "scores/kernel": kernel, "scores/bias": bias } = net.values;
    const rows = ops.gather(ops.transpose(kernel, [1, 0]), right);
    const own = ops.add(ops.sum(ops.mul(hidden, rows), 1), ops.gather(bias, right));
    // A token that is expected to be drawn n times stands for n of itself.
    const times = ops.gather(
      tableOf(code, (token) => Math.log(RIVALS * (shares[token] + 1 / code.size) / 2)),
      rivals,
    );
    const others = ops.add(
      ops.matmul(hidden, ops.gather(kernel, rivals, 1)),
      ops.sub(ops.gather(bias, rivals), times),
    );
    const isRight = ops.equal(ops.expandDims(right, 1), ops.expandDims(rivals, 0));
    const all = ops.concat([ops.expandDims(own, 1), ops.where(isRight, -1e9, others)], 1);
    const losses = ops.reshape(ops.sub(ops.logSumExp(all, 1), own), [poems, length]);
    return { minimize: [[ops.mean(losses, 1), net]], metrics: { loss: nats(losses, batch.next) } };
  }, {
    evaluate: ({ batch }) => {
      const losses = ops.softmaxCrossEntropy(net.apply(batch.tokens), batch.next);
      return { loss: validationNats(losses, batch.next) };
    },
  });
}
