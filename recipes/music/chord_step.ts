/** The step that a model of chords is trained by, and its exact likelihood. */
import type { Tensor } from "../../engine/tensor.ts";
import { SILENCE } from "../../data/music/piano_roll.ts";
import {
  add,
  binaryCrossEntropy,
  cast,
  clamp,
  concat,
  floor,
  full,
  gather,
  greaterEqual,
  iota,
  less,
  logicalAnd,
  minimum,
  mul,
  type RandomSource,
  reshape,
  slice,
  softmaxCrossEntropy,
  squeeze,
  sub,
  sum,
  where,
  zeros,
} from "../../ops/mod.ts";
import type { Model } from "../../models/model.ts";
import type { Parameters, ParameterUse } from "../../training/step/parameters.ts";
import { type Metrics, type TrainStep, trainStep } from "../../training/step/train_step.ts";

type Batch = Readonly<Record<string, Tensor>>;

/** What a step of chords does, too. */
export interface ChordStepOptions {
  /** Whether each row is moved by some semitones while it is trained on. */
  readonly moves?: boolean;
  /** Whether it measures as `first` what first chords alone come to, spread over as many steps, when it is judged. */
  readonly tellsFirst?: boolean;
}

/**
 * The step of a set whose model expects chords, for batches such as `chordSets` gives. What is minimized, and measured as `loss`, is
 * the negative logarithm of the probability of each chord given all before it in its piece, in nats a step: the mean over all steps
 * of all pieces.
 */
export function chordStep(
  set: Parameters,
  { moves = false, tellsFirst = false }: ChordStepOptions = {},
): TrainStep {
  return trainStep(({ batch, random }) => {
    // Each member of several is trained by itself.
    const apply = (inputs: Batch) => {
      const [first, ...members] = Object.values(set.outputs(inputs));
      return members.length > 0 ? members : [first];
    };
    const { loss } = natsOf(apply, moves ? { ...batch, chords: moved(batch, random) } : batch);
    return { minimize: [[loss, set]], metrics: { loss } };
  }, {
    evaluate: ({ batch }): Metrics => {
      const { loss, first } = natsOf(wholePieces(set.model!, set.keepAverage ? set.averaged : set), batch);
      return tellsFirst ? { loss, first } : { loss };
    },
  });
}

/** What a model gives for pieces of any length. */
function wholePieces(model: Model, { values }: ParameterUse): (inputs: Batch) => Tensor[] {
  return (inputs) => {
    const pieces = inputs.before.shape[0];
    const carry = Object.entries(model.carry).map(([name, { shape, dtype }]) =>
      [name, zeros([pieces, ...shape], dtype)] as const
    );
    return [model.apply(inputs, values, { carry: Object.fromEntries(carry) }).output];
  };
}

/** The mean over all logits that `apply` gives. */
function natsOf(
  apply: (inputs: Batch) => readonly Tensor[],
  { chords, from, length, weight }: Batch,
): { readonly loss: Tensor; readonly first: Tensor } {
  const [pieces, steps, size] = chords.shape;
  const isKeys = chords.dtype === "float32";
  const silence = isKeys ? full([pieces, 1, size], 0) : full([pieces, 1, size], SILENCE, "int32");
  const before = concat([silence, slice(chords, [0, 0, 0], [pieces, steps - 1, size])], 1);
  const each = apply(isKeys ? { before } : { before, now: chords }).map((logits) =>
    isKeys ? binaryCrossEntropy(logits, chords) : softmaxCrossEntropy(logits, chords)
  );
  const mean = mul(each.reduce((total, own) => add(total, own)), 1 / each.length);
  const place = reshape(iota(steps), [1, steps]);
  const column = (x: Tensor) => reshape(x, [pieces, 1]);
  const counts = logicalAnd(greaterEqual(place, column(from)), less(place, column(length)));
  const nats = mul(where(counts, sum(mean, 2), 0), column(weight));
  return { loss: sum(nats, 1), first: squeeze(slice(nats, [0, 0], [pieces, 1]), 1) };
}

/** Each piece higher or lower, by as much as its voices leave room for. */
function moved({ chords, down, up }: Batch, random: RandomSource): Tensor {
  const [pieces, steps, size] = chords.shape;
  const room = cast(add(down, up), "float32");
  const place = minimum(floor(mul(random.uniform([pieces]), add(room, 1))), room);
  const by = reshape(sub(cast(place, "int32"), down), [pieces, 1, 1]);
  if (chords.dtype === "int32") return where(less(chords, SILENCE), add(chords, by), chords);
  const from = sub(reshape(iota(size), [1, 1, size]), by);
  const isThere = logicalAnd(greaterEqual(from, 0), less(from, size));
  const rows = reshape(mul(iota(pieces * steps), size), [pieces, steps, 1]);
  const places = add(rows, clamp(from, 0, size - 1));
  return where(isThere, gather(reshape(chords, [chords.size]), places), 0);
}
