/**
 * Training: steps, losses, optimizers, schedules, callbacks, checkpoints.
 * @module
 */
export { augment, type Augmentation } from "./fit/augment.ts";
export { type AskOptions } from "./fit/fit_options.ts";
export { evaluate, type EvaluateOptions } from "./fit/evaluate.ts";
export { fit, type FitOptions, NotFiniteError } from "./fit/fit.ts";
export { type FitBatch, type FitFunction } from "./fit/fit_step.ts";
export { predict, type PredictOptions } from "./fit/predict.ts";
export {
  type ParameterRole,
  Parameters,
  parameters,
  type ParametersOptions,
  type ParameterSpec,
  type ParameterUse,
} from "./step/parameters.ts";
export { type ModelInputs, type UseOptions } from "./step/step_scope.ts";
export {
  type Assign,
  type EvaluateFunction,
  type Metrics,
  type Minimize,
  type MinimizeOptions,
  type StepContext,
  type StepFunction,
  type StepResult,
  type TrainStep,
  trainStep,
} from "./step/train_step.ts";
export { type Score } from "./loop/evaluation.ts";
export { type Better, type EpochRecord, type History } from "./loop/history.ts";
export { type TrainOptions } from "./loop/run_options.ts";
export { type TrainingData } from "./feed/data_feed.ts";
export { train } from "./loop/train.ts";
export { bestWeights } from "./callbacks/best_weights.ts";
export { type Callback, type CallbackState, type Progress, type RunContext } from "./callbacks/callback.ts";
export { checkpointFile } from "./callbacks/checkpoint_file.ts";
export { earlyStopping, type EarlyStoppingOptions } from "./callbacks/early_stopping.ts";
export { jsonLog } from "./callbacks/json_log.ts";
export { type MonitorOptions } from "./callbacks/monitor.ts";
export {
  type Checkpoint,
  loadCheckpoint,
  saveCheckpoint,
  type SavedCallback,
} from "./checkpoints/checkpoint.ts";
export { type Plain } from "./checkpoints/plain_values.ts";
export { type LossName } from "./losses/losses.ts";
export {
  accuracy,
  binaryAccuracy,
  meanAbsoluteError,
  type MetricFunction,
  topKAccuracy,
} from "./metrics/metrics.ts";
export { frechetDistance, kernelDistance, precisionAndRecall } from "./metrics/feature_distances.ts";
export { psnr, ssim } from "./metrics/image_quality.ts";
export { type Optimizer, type UpdateInput, type UpdateOutput } from "./optimizers/optimizer.ts";
export {
  adam,
  type AdamOptions,
  adamW,
  rmsprop,
  type RmspropOptions,
  sgd,
  type SgdOptions,
} from "./optimizers/optimizers.ts";
export {
  cosineDecay,
  oneCycle,
  type Schedule,
  type ScheduleFunction,
  stepDecay,
  warmUp,
} from "./optimizers/schedules.ts";
export { writeTokens } from "./sequences/write_tokens.ts";
export { type Prompts, type WriteOptions } from "./sequences/write_options.ts";
export { tokenLosses } from "./sequences/token_losses.ts";
