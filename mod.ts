/**
 * Gesso: deep learning for people who make things, on the GPU that Deno already drives, and on the CPU.
 *
 * From the top: {@linkcode fit} a model such as {@linkcode cnn} on data such as {@linkcode cifar10}; put a
 * model together from layers ({@linkcode sequential}, {@linkcode graph}, {@linkcode conv2d} ...); or write a step of
 * your own ({@linkcode trainStep}, {@linkcode train}), or any {@linkcode program} of tensors and ops. All ops are in {@linkcode ops}; those whose names no layer has
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
export { type DType, type ElementArrays, type NdArray, ndarray, type TypedArray } from "./engine/array.ts";
export { type Device, type DeviceBuffer, type Executable } from "./engine/device.ts";
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

export * as ops from "./ops/mod.ts";
export {
  abs,
  acos,
  add,
  argMax,
  argMin,
  argSort,
  asin,
  at,
  atan,
  type AttentionOptions,
  type AxisPlace,
  type AxisRange,
  type BatchNormalizationOpOptions,
  binaryCrossEntropy,
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  broadcastTo,
  cast,
  ceil,
  clamp,
  type Complex,
  concat,
  type Conv1dOptions,
  type Conv2dOptions,
  type Conv2dTransposeOptions,
  type Conv3dOptions,
  cos,
  cosh,
  cumprod,
  cumsum,
  type CumulativeOptions,
  div,
  einsum,
  elu,
  equal,
  erf,
  exp,
  expandDims,
  expm1,
  eye,
  floor,
  floorDiv,
  frame,
  full,
  gather,
  gelu,
  grad,
  greater,
  greaterEqual,
  griffinLim,
  type GriffinLimOptions,
  iota,
  isFinite,
  isNaN,
  istft,
  type LayerNormalizationOptions,
  leakyRelu,
  less,
  lessEqual,
  linspace,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  logSoftmax,
  logSumExp,
  magnitude,
  matmul,
  type MatmulOptions,
  max,
  maximum,
  mean,
  meanSquaredError,
  melFilterBank,
  type MelOptions,
  melSpectrogram,
  type MelSpectrogramOptions,
  meshgrid,
  mfcc,
  type MfccOptions,
  min,
  minimum,
  moments,
  mul,
  neg,
  type Nested,
  type NormalizationOptions,
  notEqual,
  oneHot,
  ones,
  overlapAdd,
  pack,
  type PackLayout,
  packLayout,
  pad,
  type Padding,
  type PadMode,
  type Pair,
  type PixelShuffleOptions,
  pixelUnshuffle,
  type Pool1dOptions,
  type Pool2dOptions,
  type Pool3dOptions,
  pow,
  prod,
  randomBernoulli,
  randomBits,
  randomNormal,
  type RandomOptions,
  RandomSource,
  randomUniform,
  type ReduceOptions,
  relu,
  repeat,
  reshape,
  resize,
  type ResizeImagesOptions,
  reverse,
  type RmsNormalizationOptions,
  roll,
  rotaryEmbedding,
  type RotaryOptions,
  round,
  rsqrt,
  scaledDotProductAttention,
  scan,
  type ScanOptions,
  type ScanStep,
  scatterAdd,
  shiftImages,
  shiftLeft,
  shiftRight,
  shuffled,
  sigmoid,
  sign,
  silu,
  sin,
  sinh,
  slice,
  softmax,
  softmaxCrossEntropy,
  softplus,
  sort,
  type SortOptions,
  split,
  sqrt,
  square,
  squeeze,
  stack,
  std,
  stft,
  type StftOptions,
  stopGradient,
  sub,
  sum,
  tan,
  tanh,
  tensor,
  type TensorLike,
  type Tensors,
  tile,
  topK,
  type TopKOptions,
  transpose,
  tril,
  type Triple,
  triu,
  unpack,
  variance,
  type VarianceOptions,
  where,
  type WindowName,
  type WindowPadding,
  type WindowPadding1d,
  type WindowPadding3d,
  zeros,
} from "./ops/mod.ts";
export { mod } from "./ops/elementwise/modulo.ts";

export { audioClassifier, type AudioClassifierOptions } from "./models/audio_classifier.ts";
export { cnn, type CnnOptions } from "./models/cnn.ts";
export { fastCnn, type FastCnnOptions } from "./models/fast_cnn.ts";
export { graph, type GraphOptions, type NamedTensors } from "./models/graph/graph.ts";
export type { ModelGraph, ModelInput, ModelOutput, PlacedLayer, Source } from "./models/graph/model_graph.ts";
export { partOf, type PartOptions } from "./models/graph/part_of.ts";
export {
  connect,
  input,
  type InputOptions,
  merge,
  type Placeable,
  SymbolicTensor,
} from "./models/graph/symbolic_tensor.ts";
export { type BlockInitializer, type Initializer, initialValues } from "./models/initializers.ts";
export type { InputDType, Layer, LayerConfig, LayerContext, WeightSpec } from "./models/layer.ts";
export { activation, type ActivationName } from "./models/layers/core/activation.ts";
export {
  batchNormalization,
  type BatchNormalizationOptions,
} from "./models/layers/normalization/batch_normalization.ts";
export { conv1d, type Conv1dLayerOptions } from "./models/layers/convolution/conv1d.ts";
export { conv2d, type Conv2dLayerOptions } from "./models/layers/convolution/conv2d.ts";
export {
  conv2dTranspose,
  type Conv2dTransposeLayerOptions,
} from "./models/layers/convolution/conv2d_transpose.ts";
export { conv3d, type Conv3dLayerOptions } from "./models/layers/convolution/conv3d.ts";
export type { ConvolutionLayerOptions } from "./models/layers/convolution/convolution_layer.ts";
export { dense, type DenseOptions } from "./models/layers/core/dense.ts";
export { dropout } from "./models/layers/core/dropout.ts";
export { embedding, type EmbeddingOptions } from "./models/layers/embedding/embedding.ts";
export { flatten } from "./models/layers/reshaping/flatten.ts";
export {
  groupNormalization,
  type GroupNormalizationOptions,
  instanceNormalization,
  type InstanceNormalizationOptions,
} from "./models/layers/normalization/group_normalization.ts";
export { gru, type GruOptions } from "./models/layers/recurrent/gru.ts";
export {
  layerNormalization,
  type LayerNormalizationLayerOptions,
  rmsNormalization,
} from "./models/layers/normalization/layer_normalization.ts";
export { type LayerDescription, type LayerMaker, registerLayer } from "./models/layers/layer_types.ts";
export { logMel, type LogMelOptions } from "./models/layers/signal/log_mel.ts";
export { spectrogramMask, type SpectrogramMaskOptions } from "./models/layers/signal/spectrogram_mask.ts";
export { lstm, type LstmOptions } from "./models/layers/recurrent/lstm.ts";
export {
  addLayers,
  averageLayers,
  concatLayers,
  type ConcatLayersOptions,
  type MergeOptions,
  multiplyLayers,
} from "./models/layers/merging/merging.ts";
export {
  multiHeadAttention,
  type MultiHeadAttentionOptions,
} from "./models/layers/attention/multi_head_attention.ts";
export { pixelShuffle, type PixelShuffleLayerOptions } from "./models/layers/reshaping/pixel_shuffle.ts";
export {
  averagePool1d,
  averagePool2d,
  averagePool3d,
  globalAveragePool1d,
  globalAveragePool2d,
  globalMaxPool1d,
  globalMaxPool2d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from "./models/layers/pooling/pooling.ts";
export {
  positionEmbedding,
  type PositionEmbeddingOptions,
} from "./models/layers/embedding/position_embedding.ts";
export type { RecurrentCell } from "./models/layers/recurrent/recurrent_cell.ts";
export type { RecurrentLayer, RecurrentLayerOptions } from "./models/layers/recurrent/recurrent_layer.ts";
export { permute } from "./models/layers/reshaping/permute.ts";
export { reshapeTo } from "./models/layers/reshaping/reshape_to.ts";
export { rnn } from "./models/layers/recurrent/rnn.ts";
export { upsample2d, type Upsample2dOptions } from "./models/layers/reshaping/upsample2d.ts";
export {
  Model,
  type ModelInfo,
  type ModelOptions,
  type ModelResult,
  sequential,
  type SequentialOptions,
} from "./models/model.ts";
export { markSeen, penalizeRepetition, sampleLogits, type SampleOptions } from "./models/sampling.ts";
export type { Precision } from "./models/precision.ts";
export { decodeModel, encodeModel, loadModel, saveModel } from "./models/model_file.ts";
export { type ImportedWeights, type ImportOptions, importWeights } from "./models/weights/import_weights.ts";

export { augment, type Augmentation } from "./training/fit/augment.ts";
export type { AskOptions } from "./training/fit/fit_options.ts";
export { evaluate, type EvaluateOptions } from "./training/fit/evaluate.ts";
export { fit, type FitOptions, NotFiniteError } from "./training/fit/fit.ts";
export type { FitBatch, FitFunction } from "./training/fit/fit_step.ts";
export { predict, type PredictOptions } from "./training/fit/predict.ts";
export {
  type ParameterRole,
  Parameters,
  parameters,
  type ParametersOptions,
  type ParameterSpec,
  type ParameterUse,
} from "./training/step/parameters.ts";
export type { ModelInputs } from "./training/step/step_scope.ts";
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
export type { Score } from "./training/loop/evaluation.ts";
export type { Better, EpochRecord, History } from "./training/loop/history.ts";
export type { TrainOptions } from "./training/loop/run_options.ts";
export type { TrainingData } from "./training/feed/data_feed.ts";
export { train } from "./training/loop/train.ts";
export { bestWeights } from "./training/callbacks/best_weights.ts";
export type { Callback, CallbackState, Progress, RunContext } from "./training/callbacks/callback.ts";
export { checkpointFile } from "./training/callbacks/checkpoint_file.ts";
export { earlyStopping, type EarlyStoppingOptions } from "./training/callbacks/early_stopping.ts";
export { jsonLog } from "./training/callbacks/json_log.ts";
export type { MonitorOptions } from "./training/callbacks/monitor.ts";
export {
  type Checkpoint,
  loadCheckpoint,
  saveCheckpoint,
  type SavedCallback,
} from "./training/checkpoints/checkpoint.ts";
export type { Plain } from "./training/checkpoints/plain_values.ts";
export type { LossName } from "./training/losses/losses.ts";
export {
  accuracy,
  binaryAccuracy,
  meanAbsoluteError,
  type MetricFunction,
  topKAccuracy,
} from "./training/metrics/metrics.ts";
export type { Optimizer, UpdateInput, UpdateOutput } from "./training/optimizers/optimizer.ts";
export {
  adam,
  type AdamOptions,
  adamW,
  rmsprop,
  type RmspropOptions,
  sgd,
  type SgdOptions,
} from "./training/optimizers/optimizers.ts";
export {
  cosineDecay,
  oneCycle,
  type Schedule,
  type ScheduleFunction,
  stepDecay,
  warmUp,
} from "./training/optimizers/schedules.ts";

export {
  cifar10,
  type Cifar10Location,
  type Cifar10Options,
  type Cifar10Report,
  locateCifar10,
  verifyCifar10,
} from "./data/image/cifar10.ts";
export {
  type AllSounds,
  allSounds,
  type AudioFolder,
  audioFolder,
  type AudioFolderOptions,
  type ReadSounds,
} from "./data/audio/audio_folder.ts";
export { DataError } from "./data/data_error.ts";
export { type Batch, Dataset, type Example, type TrainAndTest } from "./data/dataset.ts";
export type { DatasetOptions, InputsAndTargets, NamedFields } from "./data/dataset_options.ts";
export type { DataSource } from "./data/data_source.ts";
export type { ElementEncoding, Encoding, ExampleType } from "./data/encoding.ts";
export { classes, type Field, numbers, tokens } from "./data/field.ts";
export {
  type ExamplesRequest,
  Generated,
  generated,
  type GeneratedField,
  type GeneratedOptions,
  type MadeExamples,
} from "./data/generated.ts";
export { windows, type WindowsOptions } from "./data/windows.ts";
export type { DownloadProgress } from "./data/storage/download.ts";
export { DownloadError } from "./data/storage/download_error.ts";
export { type ImageFolder, imageFolder, type ImageFolderOptions } from "./data/image/image_folder.ts";
export type { FolderProgress, FolderReadingOptions } from "./data/folder/class_folder.ts";
export type { Skipped } from "./data/folder/skipped.ts";
export { shapes, type ShapesOptions } from "./data/image/shapes.ts";
export { chorales, choraleVoices, type TrainValidationTest } from "./data/music/chorales.ts";
export {
  type CollectedTune,
  type Dances,
  dances,
  type DancesOptions,
  type TuneCollection,
  tuneCollection,
} from "./data/music/dances.ts";
export { type GridOptions, notesOfRoll, notesOfVoices, rollOfNotes } from "./data/music/piano_roll.ts";
export {
  choirRanges,
  type Parallel,
  type VoiceLeading,
  voiceLeading,
  type VoiceRange,
} from "./data/music/voice_leading.ts";
export type { LineEndCounts, LineEnds } from "./data/text/line_ends.ts";
export {
  type TextCorpus,
  textCorpus,
  type TextCorpusOptions,
  type TextFileReport,
  type TextSource,
} from "./data/text/text_corpus.ts";
export type { TextEncodingName } from "./data/text/text_encoding.ts";
export type { SkippedText } from "./data/text/text_files.ts";
export type { TextUnit } from "./data/text/text_units.ts";
export { Vocabulary, type VocabularyDescription } from "./data/text/vocabulary.ts";

export { abcNotes } from "./formats/abc/abc_notes.ts";
export { type AbcTune, abcValue, parseAbc } from "./formats/abc/abc_tune.ts";
export { type AbcCheck, checkAbc } from "./formats/abc/check_abc.ts";
export { Canvas, type Color, type Place, textHeight, textWidth } from "./formats/drawing/canvas.ts";
export { FormatError } from "./formats/format_error.ts";
export type { Background } from "./formats/image/background.ts";
export { decodeImage, resizeImage, type ResizeOptions } from "./formats/image/image.ts";
export { decodeJpeg } from "./formats/jpeg/jpeg.ts";
export { lineChart, type LineChartOptions, type Series } from "./formats/drawing/line_chart.ts";
export { decodeMidi } from "./formats/midi/midi_decoder.ts";
export { encodeMidi } from "./formats/midi/midi_encoder.ts";
export { type Meter, type Note, secondsAt, type Tempo, type Tune, type Voice } from "./formats/midi/note.ts";
export { decodeWebp } from "./formats/webp/webp.ts";
export { pianoRoll, type PianoRollOptions } from "./formats/drawing/piano_roll.ts";
export type { Tone } from "./formats/sound/instruments.ts";
export { synthesize, type SynthesizeOptions } from "./formats/sound/synthesize.ts";
export { decodePng } from "./formats/png/png_decoder.ts";
export { encodePng } from "./formats/png/png_encoder.ts";
export { predictionSheet, type PredictionSheetOptions } from "./formats/drawing/prediction_sheet.ts";
export { type SpectrogramOptions, spectrogramPicture } from "./formats/drawing/spectrogram.ts";
export { decodeSound } from "./formats/sound/decode_sound.ts";
export { mixToMono, resampleSound } from "./formats/sound/resample.ts";
export type { Sound } from "./formats/sound/sound.ts";
export { decodeWav } from "./formats/wav/wav_decoder.ts";
export { encodeWav, type EncodeWavOptions } from "./formats/wav/wav_encoder.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type Safetensors,
} from "./formats/safetensors/safetensors.ts";
