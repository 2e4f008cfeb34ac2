/** A step as people wrote it, traced on the batch of a step number: its losses and metrics, and how parameters change. */
import { whole } from "../../engine/option_kinds.ts";
import { optional, readOptions } from "../../engine/options.ts";
import { formatShape, sameShape } from "../../engine/shape.ts";
import { Tensor } from "../../engine/tensor.ts";
import type { Precision } from "../../models/precision.ts";
import { equal, mod, RandomSource } from "../../ops/mod.ts";
import type { DataFeed } from "../feed/data_feed.ts";
import type { DeviceBatch } from "../feed/device_batches.ts";
import { batchMean, type BatchNumber, batchNumber, batchTotal } from "./batch_means.ts";
import { CarriedState } from "./carried_state.ts";
import { checkMetricNames } from "./metric_names.ts";
import { namedTensors } from "./named_tensors.ts";
import type { ParameterBlocks } from "./parameter_blocks.ts";
import { Parameters } from "./parameters.ts";
import type { ParametersOnDevice } from "./parameters_on_device.ts";
import { isRefusedPromise } from "./refused_promise.ts";
import { inScope } from "./step_scope.ts";
import type { EvaluateFunction, Metrics, MinimizeOptions, StepFunction } from "./train_step.ts";
import { TracedParameters } from "./traced_parameters.ts";

/** Evaluation draws from streams of its own. */
const EVALUATION_STREAM = 2 ** 31;

/** A loss of a step. */
export interface TracedLoss {
  readonly blocks: ParameterBlocks;
  /** The set's trained parameters, as the loss uses them. */
  readonly trained: readonly Tensor[];
  /** The mean over the batch; float32 `[]`. */
  readonly loss: Tensor;
  /** It counts in each step whose number, from 1, can be divided by this. */
  readonly every: number;
}

/** A metric of a step. */
export interface TracedMetric {
  readonly name: string;
  /** What is added to the sum over an epoch; float32 `[]`. */
  readonly total: Tensor;
  /** Whether the sum is over examples, and not over steps. */
  readonly isPerExample: boolean;
  /** It is measured in each step whose number, from 1, can be divided by this. */
  readonly every: number;
}

/** What a step gives, traced. */
export interface TracedStep {
  readonly losses: readonly TracedLoss[];
  readonly metrics: readonly TracedMetric[];
  readonly parameters: TracedParameters;
  /** What it was given, parameters and fields, with names for each. */
  readonly given: ReadonlyMap<Tensor, string>;
  /** Whether some number is one for the whole batch, so that all batches have to be full. */
  readonly needsFullBatches: boolean;
}

/** Where a step is traced. */
export interface TraceOptions {
  readonly sets: ParametersOnDevice;
  readonly feed: DataFeed;
  /** Whether models go on from what they handed on in the step before. */
  readonly carry?: boolean;
}

/** What models hand on from step to step; the names of its state begin with a prefix. */
const carriedBy = ({ sets, feed }: TraceOptions, step: Tensor, prefix: string): CarriedState =>
  new CarriedState(sets.state, prefix, equal(mod(step, feed.stepsPerEpoch), 0));

/** Traces a step of training. The state has `step` and `seed`. */
export function traceStep(
  step: StepFunction,
  options: TraceOptions & { isShuffled: boolean; precision: Precision },
): TracedStep {
  const { sets, feed, isShuffled, precision, carry } = options;
  const s: Readonly<Record<string, Tensor>> = sets.state.tensors;
  const batch = feed.batch(s, s.step, isShuffled ? s.seed : undefined);
  const random = new RandomSource({ seed: s.seed, counter: s.step });
  const carried = carry ? carriedBy(options, s.step, "") : undefined;
  const parameters = new TracedParameters(sets, { isTraining: true, random, precision, carried });
  const result: unknown = inScope(
    parameters,
    () => step({ batch: fieldsOf(batch), counts: batch.counts, random, step: s.step }),
  );
  const { minimize, metrics = {}, assign = [] } = checkResult(result);
  const minima = minimize.map((entry) => readMinimize(entry, batch));
  minima.forEach(({ set }, i) => {
    if (!minima.slice(0, i).some((other) => other.set === set)) return;
    throw new RangeError(
      `Cannot minimize two losses with respect to ${set.name} in one step: add them, or make two sets`,
    );
  });
  const everyOf = (value: unknown) =>
    minima.filter(({ given }) => given === value).reduce(
      (least, { every }) => Math.min(least, every),
      Infinity,
    );
  const measured = readMetrics(metrics, batch).map((metric) => {
    const every = everyOf(metric.given);
    return { ...metric, every: every === Infinity ? 1 : every };
  });
  for (const entry of assign) assignTo(entry, parameters);
  return {
    losses: minima.map(({ set, number, every }) => ({
      blocks: sets.use(set),
      trained: parameters.trained(set),
      loss: batchMean(batch, number),
      every,
    })),
    metrics: measured.map(({ name, number, every }) => tracedMetric(name, number, every, batch)),
    parameters,
    given: new Map([
      ...Object.entries(batch.fields).map(([name, value]) => [value, `field ${name}`] as const),
      ...parameters.given,
    ]),
    needsFullBatches: [...minima, ...measured].some(({ number }) => !number.isPerExample),
  };
}

/** Traces what is measured of a batch of other data; the step number is the state's `step` with the prefix. */
export function traceEvaluation(
  evaluate: EvaluateFunction,
  options: TraceOptions & { prefix: string },
): Pick<TracedStep, "metrics" | "needsFullBatches" | "parameters"> {
  const { sets, feed, carry, prefix } = options;
  const s: Readonly<Record<string, Tensor>> = sets.state.tensors;
  const step = s[`${prefix}step`];
  const batch = feed.batch(s, step);
  const random = new RandomSource({ seed: s.seed, counter: step, stream: EVALUATION_STREAM });
  const carried = carry ? carriedBy(options, step, prefix) : undefined;
  const parameters = new TracedParameters(sets, { isTraining: false, random, precision: "float32", carried });
  const metrics = inScope(
    parameters,
    () => evaluate({ batch: fieldsOf(batch), counts: batch.counts, random, step }),
  );
  const measured = readMetrics(metrics, batch);
  if (measured.length === 0) throw new RangeError("Cannot evaluate a step that measures nothing");
  return {
    metrics: measured.map(({ name, number }) => tracedMetric(name, number, 1, batch)),
    needsFullBatches: measured.some(({ number }) => !number.isPerExample),
    parameters,
  };
}

const tracedMetric = (
  name: string,
  number: BatchNumber,
  every: number,
  batch: DeviceBatch,
): TracedMetric => ({
  name,
  total: batchTotal(batch, number),
  isPerExample: number.isPerExample,
  every,
});

const fieldsOf = ({ fields }: DeviceBatch) => namedTensors("field", fields);

function checkResult(
  result: unknown,
): { minimize: readonly unknown[]; metrics?: Metrics; assign?: readonly unknown[] } {
  const received = isRefusedPromise(result)
    ? "a promise"
    : result === undefined
    ? "nothing"
    : "no such object";
  const { minimize, metrics, assign } =
    (typeof result === "object" && result !== null ? result : {}) as Record<
      string,
      unknown
    >;
  if (!Array.isArray(minimize)) {
    throw new TypeError(
      `Cannot use a step that gives ${received}: its function gives, at once, { minimize: [[loss, parameters]], metrics }`,
    );
  }
  if (minimize.length === 0) {
    throw new RangeError(
      "Cannot use a step that minimizes nothing: it takes one pair [loss, parameters] or more",
    );
  }
  if (assign !== undefined && !Array.isArray(assign)) {
    throw new TypeError(
      "Cannot use a step whose assign is no list: it takes pairs [parameters, { name: tensor }]",
    );
  }
  return { minimize, metrics: metrics as Metrics | undefined, assign };
}

/** A loss with the set that it is for. */
function readMinimize(entry: unknown, batch: DeviceBatch) {
  const [given, set, options = {}] = Array.isArray(entry) ? entry : [];
  if (!(set instanceof Parameters)) {
    throw new TypeError(
      "Cannot use a step with an entry of minimize that is no pair [loss, parameters]: a tensor, and what parameters() gives; a loss of several " +
        "has a pair for each",
    );
  }
  if (!set.optimizer) {
    throw new TypeError(
      `Cannot minimize a loss with respect to ${set.name}: it has no optimizer; see the options of parameters`,
    );
  }
  const { every } = readOptions(`minimize a loss of ${set.name}`, options as MinimizeOptions, {
    every: optional(whole(1), 1),
  });
  return { given, set, every, number: batchNumber("minimize", `a loss of ${set.name}`, given, batch.size) };
}

/** Gives arrays of a set their values for the next step. */
function assignTo(entry: unknown, parameters: TracedParameters): void {
  const [set, values] = Array.isArray(entry) ? entry : [];
  if (!(set instanceof Parameters) || typeof values !== "object" || values === null) {
    throw new TypeError("Cannot assign what is no pair [parameters, { name: tensor }]");
  }
  for (const [name, value] of Object.entries<unknown>(values)) {
    const spec = set.specs.find((spec) => spec.name === name);
    const attempt = `Cannot assign to "${name}" of ${set.name}`;
    if (!spec) throw new RangeError(`${attempt}: there are ${set.specs.map(({ name }) => name).join(", ")}`);
    if (set.model || spec.role !== "statistics") {
      throw new TypeError(`${attempt}: it is not an array of a set without an optimizer`);
    }
    if (value instanceof Tensor && value.dtype === "float32" && sameShape(value.shape, spec.shape)) {
      parameters.assign(set, name, value);
      continue;
    }
    const received = value instanceof Tensor ? `${value.dtype} ${formatShape(value.shape)}` : String(value);
    throw new RangeError(`${attempt}: it is float32 ${formatShape(spec.shape)}, received ${received}`);
  }
}

function readMetrics(metrics: unknown, batch: DeviceBatch) {
  if (
    isRefusedPromise(metrics) || typeof metrics !== "object" || metrics === null || Array.isArray(metrics)
  ) {
    throw new TypeError("Cannot use metrics that are no tensors by name, as in { accuracy }");
  }
  checkMetricNames(Object.keys(metrics));
  return Object.entries(metrics).map(([name, given]) => ({
    name,
    given,
    number: batchNumber("measure", name, given, batch.size),
  }));
}
