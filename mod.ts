/**
 * Gesso: deep learning for people who make things, on the GPU that Deno already drives, and on the CPU.
 *
 * From the top: {@linkcode fit} a model such as {@linkcode cnn} on data such as {@linkcode cifar10}; put a model together
 * from {@linkcode layers} ({@linkcode sequential}, {@linkcode graph}); write a step of your own ({@linkcode trainStep},
 * {@linkcode train}); or any {@linkcode program} of tensors and {@linkcode ops}. What people begin with is exported by name;
 * all else is in namespaces: `ops`, `layers`, `models`, `training`, `data`, `formats`.
 *
 * @example
 * ```ts
 * import { adam, cnn, evaluate, fit, shapes } from "@gesso/gesso";
 *
 * const data = shapes({ train: 512, test: 128 });
 * const model = cnn();
 * await fit(model, data.train, { epochs: 1, batchSize: 32, optimizer: adam(0.001) });
 * console.log(await evaluate(model, data.test));
 * ```
 * @module
 */
export { type DType, type ElementArrays, type NdArray, ndarray, type TypedArray } from "./engine/array.ts";
export type { Device, DeviceBuffer, Executable } from "./engine/device.ts";
export { DeviceError, DeviceLostError } from "./engine/errors.ts";
export { Program, type ProgramSummary, type Result, type TracedFunction } from "./engine/program.ts";
export type { Shape } from "./engine/shape.ts";
export { State } from "./engine/state.ts";
export { Tensor, type TensorType } from "./engine/tensor.ts";
export { Tuning } from "./engine/tuning.ts";
export { cpuDevice, type CpuDeviceOptions } from "./devices/cpu/cpu_device.ts";
export { compute, program, type ProgramOptions } from "./devices/program.ts";
export { type DeviceName, selectDevice, type Selection } from "./devices/select.ts";
export { webgpuDevice, type WebgpuDeviceOptions } from "./devices/webgpu/webgpu_device.ts";

export * as data from "./data/mod.ts";
export * as formats from "./formats/mod.ts";
export * as layers from "./models/layers/mod.ts";
export * as models from "./models/mod.ts";
export * as ops from "./ops/mod.ts";
export * as training from "./training/mod.ts";

export {
  grad,
  type Nested,
  scan,
  type ScanOptions,
  type ScanStep,
  tensor,
  type TensorLike,
  type Tensors,
} from "./ops/mod.ts";
export { cnn, type CnnOptions } from "./models/cnn.ts";
export { type ModelCarry } from "./models/graph/carry.ts";
export { type ModelResult } from "./models/graph/model_result.ts";
export { graph, type GraphOptions, type NamedTensors } from "./models/graph/graph.ts";
export {
  input,
  type InputOptions,
  merge,
  type Placeable,
  type SymbolicTensor,
} from "./models/graph/symbolic_tensor.ts";
export { type LayerDescription, type LayerMaker, registerLayer } from "./models/layers/layer_types.ts";
export {
  Model,
  type ModelInfo,
  type ModelOptions,
  sequential,
  type SequentialOptions,
  type SoundInfo,
} from "./models/model.ts";
export { decodeModel, encodeModel, loadModel, saveModel } from "./models/model_file.ts";
export { type ImportedWeights, type ImportOptions, importWeights } from "./models/weights/import_weights.ts";
export { evaluate, type EvaluateOptions } from "./training/fit/evaluate.ts";
export { fit, type FitOptions } from "./training/fit/fit.ts";
export { predict, type PredictOptions } from "./training/fit/predict.ts";
export {
  type ParameterRole,
  type Parameters,
  parameters,
  type ParametersOptions,
  type ParameterSpec,
  type ParameterUse,
} from "./training/step/parameters.ts";
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
} from "./training/step/train_step.ts";
export { train } from "./training/loop/train.ts";
export {
  adam,
  type AdamOptions,
  adamW,
  type RmspropOptions,
  sgd,
  type SgdOptions,
} from "./training/optimizers/optimizers.ts";
export {
  cifar10,
  type Cifar10Location,
  type Cifar10Options,
  type Cifar10Report,
} from "./data/image/cifar10.ts";
export { type Batch, Dataset, type Example, type TrainAndTest } from "./data/dataset.ts";
export { type VocabularyDescription } from "./data/text/vocabulary.ts";
export { type TextUnit } from "./data/text/text_units.ts";
export { classes, type Field, numbers, tokens } from "./data/field.ts";
export {
  type ExamplesRequest,
  type Generated,
  generated,
  type GeneratedField,
  type GeneratedOptions,
  type MadeExamples,
} from "./data/generated.ts";
export { windows, type WindowsOptions } from "./data/windows.ts";
export { imageFolder } from "./data/image/image_folder.ts";
export type { ImageFolder, ImageFolderOptions } from "./data/image/read_images.ts";
export { shapes, type ShapesOptions } from "./data/image/shapes.ts";
export type { CarrySpec, InputDType, Layer, LayerConfig, LayerContext, WeightSpec } from "./models/layer.ts";
export type { ModelGraph, ModelInput, ModelOutput, PlacedLayer, Source } from "./models/graph/model_graph.ts";
export type { RandomSource } from "./ops/random/random.ts";
export type { Precision } from "./models/precision.ts";
export type { AskOptions } from "./training/fit/fit_options.ts";
export type { LossName } from "./training/losses/losses.ts";
export type { FitBatch, FitFunction } from "./training/fit/fit_step.ts";
export type { TrainingData } from "./training/feed/data_feed.ts";
export type { Score } from "./training/loop/evaluation.ts";
export type { TrainOptions } from "./training/loop/run_options.ts";
export type { Optimizer, UpdateInput, UpdateOutput } from "./training/optimizers/optimizer.ts";
export type { Augmentation } from "./training/fit/augment.ts";
export type { EpochRecord, History } from "./training/loop/history.ts";
export type { ModelInputs, UseOptions } from "./training/step/step_scope.ts";
export type { Schedule, ScheduleFunction } from "./training/optimizers/schedules.ts";
export type { DownloadProgress } from "./data/storage/download.ts";
export type { DataSource } from "./data/data_source.ts";
export type { ElementEncoding, Encoding, ExampleType } from "./data/encoding.ts";
export type { FolderProgress, FolderReadingOptions } from "./data/folder/class_folder.ts";
export type { Background } from "./formats/image/background.ts";
export type { Skipped } from "./data/folder/skipped.ts";
export type { BlockInitializer, Initializer } from "./models/initializers.ts";
export type { Callback, CallbackState, Progress, RunContext } from "./training/callbacks/callback.ts";
export type { Checkpoint, SavedCallback } from "./training/checkpoints/checkpoint.ts";
export type { Plain } from "./training/checkpoints/plain_values.ts";
