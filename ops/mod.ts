/**
 * Everything that a tensor can do: functions from tensors to tensors, for programs.
 * @module
 */
export { type TensorLike } from "./elementwise/elementwise.ts";
export { abs } from "./elementwise/abs.ts";
export { acos } from "./elementwise/acos.ts";
export { add } from "./elementwise/add.ts";
export { asin } from "./elementwise/asin.ts";
export { atan } from "./elementwise/atan.ts";
export { at, type AxisPlace, type AxisRange } from "./movement/axis_places.ts";
export { type AttentionOptions, scaledDotProductAttention } from "./attention/attention.ts";
export { averagePool2d, globalAveragePool2d, globalMaxPool2d } from "./window/average_pool2d.ts";
export { batchNormalization, type BatchNormalizationOpOptions } from "./normalization/batch_normalization.ts";
export { binaryCrossEntropy } from "./loss/binary_cross_entropy.ts";
export {
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  shiftLeft,
  shiftRight,
} from "./elementwise/bitwise.ts";
export { broadcastTo } from "./movement/broadcast_to.ts";
export { cast } from "./elementwise/cast.ts";
export { ceil } from "./elementwise/ceil.ts";
export { clamp } from "./elementwise/clamp.ts";
export { equal, greater, greaterEqual, less, lessEqual, notEqual } from "./elementwise/compare.ts";
export { concat, stack } from "./movement/concat.ts";
export { conv1d, type Conv1dOptions } from "./contraction/conv1d.ts";
export { conv2d, type Conv2dOptions } from "./contraction/conv2d.ts";
export { conv2dTranspose, type Conv2dTransposeOptions } from "./contraction/conv2d_transpose.ts";
export { conv3d, type Conv3dOptions } from "./contraction/conv3d.ts";
export { cos } from "./elementwise/cos.ts";
export { softmaxCrossEntropy } from "./loss/cross_entropy.ts";
export { cumprod } from "./cumulative/cumprod.ts";
export { dropout, type DropoutOptions } from "./random/dropout.ts";
export { recurrence, type RecurrenceOptions } from "./cumulative/recurrence.ts";
export { cumsum, type CumulativeOptions } from "./cumulative/cumsum.ts";
export { div } from "./elementwise/div.ts";
export { einsum } from "./contraction/einsum.ts";
export { elu } from "./elementwise/elu.ts";
export { erf } from "./elementwise/erf.ts";
export { exp } from "./elementwise/exp.ts";
export { expm1 } from "./elementwise/expm1.ts";
export { floor } from "./elementwise/floor.ts";
export { floorDiv } from "./elementwise/floor_div.ts";
export { full, type Nested, ones, tensor, zeros } from "./creation/full.ts";
export { frame, overlapAdd } from "./signal/frame.ts";
export { gather } from "./movement/gather.ts";
export { gelu } from "./elementwise/gelu.ts";
export { griffinLim, type GriffinLimOptions } from "./signal/griffin_lim.ts";
export { grad } from "./control/grad.ts";
export { cosh, sinh } from "./elementwise/hyperbolic.ts";
export { isNaN } from "./elementwise/is_nan.ts";
export { groupNormalization, instanceNormalization } from "./normalization/group_normalization.ts";
export { iota } from "./creation/iota.ts";
export { isFinite } from "./elementwise/is_finite.ts";
export {
  layerNormalization,
  type LayerNormalizationOptions,
  rmsNormalization,
  type RmsNormalizationOptions,
} from "./normalization/layer_normalization.ts";
export { leakyRelu } from "./elementwise/leaky_relu.ts";
export { linspace } from "./creation/linspace.ts";
export { log } from "./elementwise/log.ts";
export { log1p } from "./elementwise/log1p.ts";
export { logSumExp } from "./reduction/log_sum_exp.ts";
export { logicalAnd, logicalNot, logicalOr, logicalXor } from "./elementwise/logical.ts";
export { magnitude } from "./signal/magnitude.ts";
export { dense, matmul, type MatmulOptions } from "./contraction/matmul.ts";
export { maxPool2d, type Pool2dOptions } from "./window/max_pool2d.ts";
export { maximum } from "./elementwise/maximum.ts";
export { meanSquaredError } from "./loss/mean_squared_error.ts";
export {
  melFilterBank,
  type MelOptions,
  melSpectrogram,
  type MelSpectrogramOptions,
  mfcc,
  type MfccOptions,
} from "./signal/mel.ts";
export { meshgrid } from "./creation/meshgrid.ts";
export { minimum } from "./elementwise/minimum.ts";
export { mod } from "./elementwise/modulo.ts";
export { mul } from "./elementwise/mul.ts";
export { neg } from "./elementwise/neg.ts";
export { type NormalizationOptions } from "./normalization/normalize.ts";
export { oneHot } from "./movement/one_hot.ts";
export { pack, type PackLayout, packLayout, unpack } from "./movement/pack.ts";
export { pad, type Padding, type PadMode } from "./movement/pad.ts";
export { pixelShuffle, type PixelShuffleOptions, pixelUnshuffle } from "./image/pixel_shuffle.ts";
export { averagePool1d, maxPool1d, type Pool1dOptions } from "./window/pool1d.ts";
export { averagePool3d, maxPool3d, type Pool3dOptions } from "./window/pool3d.ts";
export { pow } from "./elementwise/pow.ts";
export { prod } from "./reduction/prod.ts";
export {
  randomBernoulli,
  randomBits,
  randomNormal,
  type RandomOptions,
  RandomSource,
  randomUniform,
} from "./random/random.ts";
export { argMax, argMin, max, mean, min, type ReduceOptions, sum } from "./reduction/reduce.ts";
export { relu } from "./elementwise/relu.ts";
export type { Complex } from "./signal/real_fourier.ts";
export { repeat, tile } from "./movement/repeats.ts";
export { flatten, reshape } from "./movement/reshape.ts";
export { resize, type ResizeImagesOptions } from "./image/resize.ts";
export { reverse } from "./movement/reverse.ts";
export { roll } from "./movement/roll.ts";
export { rotaryEmbedding, type RotaryOptions } from "./attention/rotary_embedding.ts";
export { round } from "./elementwise/round.ts";
export { rsqrt } from "./elementwise/rsqrt.ts";
export { shiftImages } from "./image/shift_images.ts";
export { shuffled } from "./random/shuffle.ts";
export { sigmoid } from "./elementwise/sigmoid.ts";
export { sign } from "./elementwise/sign.ts";
export { silu } from "./elementwise/silu.ts";
export { sin } from "./elementwise/sin.ts";
export { slice } from "./movement/slice.ts";
export { logSoftmax, softmax } from "./reduction/softmax.ts";
export { softplus } from "./elementwise/softplus.ts";
export { argSort, sort, type SortOptions, topK, type TopKOptions } from "./sorting/sort.ts";
export { split } from "./movement/split.ts";
export { sqrt } from "./elementwise/sqrt.ts";
export { square } from "./elementwise/square.ts";
export { expandDims, squeeze } from "./movement/squeeze.ts";
export { stopGradient } from "./control/stop_gradient.ts";
export { invertMel, type InvertMelOptions } from "./signal/mel_inverse.ts";
export { istft, stft, type StftOptions, type WindowName } from "./signal/stft.ts";
export { sub } from "./elementwise/sub.ts";
export { tan } from "./elementwise/tan.ts";
export { tanh } from "./elementwise/tanh.ts";
export { transpose } from "./movement/transpose.ts";
export { moments, std, variance, type VarianceOptions } from "./reduction/variance.ts";
export { eye, tril, triu } from "./movement/triangle.ts";
export { where } from "./elementwise/where.ts";
export { type Pair, type WindowPadding } from "./window/window.ts";
export { type WindowPadding1d } from "./window/window1d.ts";
export { type Triple, type WindowPadding3d } from "./window/window3d.ts";
export { scatterAdd } from "./movement/scatter_add.ts";
export { scan, type ScanOptions, type ScanStep, type Tensors } from "./control/scan.ts";
