/**
 * Gesso: deep learning for people who make things, on the GPU that Deno already drives, and on the CPU.
 *
 * Three levels, from the top: {@linkcode fit} a model such as {@linkcode cnn} on data such as {@linkcode cifar10}; put a
 * model together from layers ({@linkcode sequential}, {@linkcode conv2d}, {@linkcode dense} ...); or write a step of
 * your own as a {@linkcode program} of tensors and ops. All ops are in {@linkcode ops}; those whose names no layer has
 * are exported by name, too.
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
export { type DType, type NdArray, ndarray, type TypedArray } from "./engine/array.ts";
export { type Device, type DeviceBuffer, type Executable } from "./engine/device.ts";
export { DeviceError, DeviceLostError } from "./engine/errors.ts";
export { Program, type ProgramSummary, type Result, type TracedFunction } from "./engine/program.ts";
export type { Shape } from "./engine/shape.ts";
export { State } from "./engine/state.ts";
export { Tensor, type TensorType } from "./engine/tensor.ts";

export { cpuDevice, type CpuDeviceOptions } from "./devices/cpu/cpu_device.ts";
export { compute, program, type ProgramOptions } from "./devices/program.ts";
export { type DeviceName, selectDevice, type Selection } from "./devices/select.ts";
export { webgpuDevice, type WebgpuDeviceOptions } from "./devices/webgpu/webgpu_device.ts";

export * as ops from "./ops/mod.ts";
export type { TensorLike } from "./ops/elementwise.ts";
export { abs } from "./ops/abs.ts";
export { add } from "./ops/add.ts";
export { broadcastTo } from "./ops/broadcast_to.ts";
export { cast } from "./ops/cast.ts";
export { ceil } from "./ops/ceil.ts";
export { clamp } from "./ops/clamp.ts";
export { equal, greater, greaterEqual, less, lessEqual, notEqual } from "./ops/compare.ts";
export { concat, stack } from "./ops/concat.ts";
export { type Conv2dOptions } from "./ops/conv2d.ts";
export { cos } from "./ops/cos.ts";
export { binaryCrossEntropy, softmaxCrossEntropy } from "./ops/cross_entropy.ts";
export { div } from "./ops/div.ts";
export { elu } from "./ops/elu.ts";
export { erf } from "./ops/erf.ts";
export { exp } from "./ops/exp.ts";
export { expm1 } from "./ops/expm1.ts";
export { floor } from "./ops/floor.ts";
export { floorDiv } from "./ops/floor_div.ts";
export { full, type Nested, ones, tensor, zeros } from "./ops/full.ts";
export { gather } from "./ops/gather.ts";
export { gelu } from "./ops/gelu.ts";
export { grad } from "./ops/grad.ts";
export { iota } from "./ops/iota.ts";
export { isFinite } from "./ops/is_finite.ts";
export { leakyRelu } from "./ops/leaky_relu.ts";
export { log } from "./ops/log.ts";
export { log1p } from "./ops/log1p.ts";
export { logicalAnd, logicalNot, logicalOr } from "./ops/logical.ts";
export { matmul, type MatmulOptions } from "./ops/matmul.ts";
export { type Pool2dOptions } from "./ops/max_pool2d.ts";
export { maximum } from "./ops/maximum.ts";
export { meanSquaredError } from "./ops/mean_squared_error.ts";
export { minimum } from "./ops/minimum.ts";
export { mod } from "./ops/modulo.ts";
export { mul } from "./ops/mul.ts";
export { neg } from "./ops/neg.ts";
export { oneHot } from "./ops/one_hot.ts";
export { pack, type PackLayout, packLayout, unpack } from "./ops/pack.ts";
export { pad, type Padding } from "./ops/pad.ts";
export { pow } from "./ops/pow.ts";
export {
  randomBernoulli,
  randomBits,
  randomNormal,
  type RandomOptions,
  RandomSource,
  randomUniform,
} from "./ops/random.ts";
export { argMax, argMin, logSumExp, max, mean, min, type ReduceOptions, sum } from "./ops/reduce.ts";
export { relu } from "./ops/relu.ts";
export { reshape } from "./ops/reshape.ts";
export { reverse } from "./ops/reverse.ts";
export { round } from "./ops/round.ts";
export { rsqrt } from "./ops/rsqrt.ts";
export { shiftImages } from "./ops/shift_images.ts";
export { shuffled } from "./ops/shuffle.ts";
export { sigmoid } from "./ops/sigmoid.ts";
export { sign } from "./ops/sign.ts";
export { silu } from "./ops/silu.ts";
export { sin } from "./ops/sin.ts";
export { slice } from "./ops/slice.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { softplus } from "./ops/softplus.ts";
export { sqrt } from "./ops/sqrt.ts";
export { square } from "./ops/square.ts";
export { stopGradient } from "./ops/stop_gradient.ts";
export { sub } from "./ops/sub.ts";
export { tanh } from "./ops/tanh.ts";
export { transpose } from "./ops/transpose.ts";
export { where } from "./ops/where.ts";
export { type Pair, type WindowPadding } from "./ops/window.ts";

export { cnn, type CnnOptions } from "./models/cnn.ts";
export { type Initializer, initialValues } from "./models/initializers.ts";
export type { Layer, LayerConfig, LayerContext, WeightSpec } from "./models/layer.ts";
export { activation, type ActivationName } from "./models/layers/activation.ts";
export { batchNormalization, type BatchNormalizationOptions } from "./models/layers/batch_normalization.ts";
export { conv2d, type Conv2dLayerOptions } from "./models/layers/conv2d.ts";
export { dense, type DenseOptions } from "./models/layers/dense.ts";
export { dropout } from "./models/layers/dropout.ts";
export { flatten } from "./models/layers/flatten.ts";
export { averagePool2d, globalAveragePool2d, globalMaxPool2d, maxPool2d } from "./models/layers/pooling.ts";
export {
  Model,
  type ModelInfo,
  type ModelResult,
  type PlacedLayer,
  sequential,
  type SequentialOptions,
} from "./models/model.ts";
export { decodeModel, encodeModel, loadModel, saveModel } from "./models/model_file.ts";

export { augment, type Augmentation } from "./training/augment.ts";
export {
  bestWeights,
  type Callback,
  checkpointFile,
  earlyStopping,
  type EarlyStoppingOptions,
  jsonLog,
  type Progress,
  type RunContext,
} from "./training/callbacks.ts";
export { type Checkpoint, loadCheckpoint, saveCheckpoint } from "./training/checkpoint.ts";
export { evaluate, type EvaluateOptions, predict } from "./training/evaluate.ts";
export type { Score } from "./training/evaluation.ts";
export { fit, type FitOptions, NotFiniteError } from "./training/fit.ts";
export type { EpochRecord, History, Monitor } from "./training/history.ts";
export type { LossName } from "./training/losses.ts";
export type { Optimizer, UpdateInput, UpdateOutput } from "./training/optimizer.ts";
export {
  adam,
  type AdamOptions,
  adamW,
  rmsprop,
  type RmspropOptions,
  sgd,
  type SgdOptions,
} from "./training/optimizers.ts";
export {
  cosineDecay,
  oneCycle,
  type Schedule,
  type ScheduleFunction,
  stepDecay,
  warmUp,
} from "./training/schedules.ts";

export {
  cifar10,
  type Cifar10Location,
  type Cifar10Options,
  type Cifar10Report,
  locateCifar10,
  verifyCifar10,
} from "./data/cifar10.ts";
export { DataError } from "./data/data_error.ts";
export { type Batch, Dataset, type DatasetOptions, type Example, type TrainAndTest } from "./data/dataset.ts";
export { DownloadError, type DownloadProgress } from "./data/download.ts";
export { shapes, type ShapesOptions } from "./data/shapes.ts";

export { Canvas, type Color, type Place, textHeight, textWidth } from "./formats/canvas.ts";
export { FormatError } from "./formats/format_error.ts";
export { decodeImage, resizeImage, type ResizeOptions } from "./formats/image.ts";
export { decodeJpeg } from "./formats/jpeg.ts";
export { LibraryError } from "./formats/library.ts";
export { lineChart, type LineChartOptions, type Series } from "./formats/line_chart.ts";
export { decodePng } from "./formats/png_decoder.ts";
export { encodePng } from "./formats/png_encoder.ts";
export { predictionSheet, type PredictionSheetOptions } from "./formats/prediction_sheet.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type Safetensors,
} from "./formats/safetensors.ts";
