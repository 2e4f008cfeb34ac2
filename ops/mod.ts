/**
 * Everything that a tensor can do: functions from tensors to tensors, for programs.
 * @module
 */
export { type TensorLike } from "./elementwise.ts";
export { abs } from "./abs.ts";
export { acos } from "./acos.ts";
export { add } from "./add.ts";
export { asin } from "./asin.ts";
export { atan } from "./atan.ts";
export { at, type AxisPlace, type AxisRange } from "./axis_places.ts";
export { type AttentionOptions, scaledDotProductAttention } from "./attention.ts";
export { averagePool2d, globalAveragePool2d, globalMaxPool2d } from "./average_pool2d.ts";
export { batchNormalization, type BatchNormalizationOpOptions } from "./batch_normalization.ts";
export { binaryCrossEntropy } from "./binary_cross_entropy.ts";
export { bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor, shiftLeft, shiftRight } from "./bitwise.ts";
export { broadcastTo } from "./broadcast_to.ts";
export { cast } from "./cast.ts";
export { ceil } from "./ceil.ts";
export { clamp } from "./clamp.ts";
export { equal, greater, greaterEqual, less, lessEqual, notEqual } from "./compare.ts";
export { concat, stack } from "./concat.ts";
export { conv1d, type Conv1dOptions } from "./conv1d.ts";
export { conv2d, type Conv2dOptions } from "./conv2d.ts";
export { conv2dTranspose, type Conv2dTransposeOptions } from "./conv2d_transpose.ts";
export { conv3d, type Conv3dOptions } from "./conv3d.ts";
export { cos } from "./cos.ts";
export { softmaxCrossEntropy } from "./cross_entropy.ts";
export { cumprod } from "./cumprod.ts";
export { cumsum, type CumulativeOptions } from "./cumsum.ts";
export { div } from "./div.ts";
export { einsum } from "./einsum.ts";
export { elu } from "./elu.ts";
export { erf } from "./erf.ts";
export { exp } from "./exp.ts";
export { expm1 } from "./expm1.ts";
export { floor } from "./floor.ts";
export { floorDiv } from "./floor_div.ts";
export { full, type Nested, ones, tensor, zeros } from "./full.ts";
export { gather } from "./gather.ts";
export { gelu } from "./gelu.ts";
export { grad } from "./grad.ts";
export { cosh, sinh } from "./hyperbolic.ts";
export { isNaN } from "./is_nan.ts";
export { groupNormalization, instanceNormalization } from "./group_normalization.ts";
export { iota } from "./iota.ts";
export { isFinite } from "./is_finite.ts";
export {
  layerNormalization,
  type LayerNormalizationOptions,
  rmsNormalization,
  type RmsNormalizationOptions,
} from "./layer_normalization.ts";
export { leakyRelu } from "./leaky_relu.ts";
export { linspace } from "./linspace.ts";
export { log } from "./log.ts";
export { log1p } from "./log1p.ts";
export { logSumExp } from "./log_sum_exp.ts";
export { logicalAnd, logicalNot, logicalOr, logicalXor } from "./logical.ts";
export { dense, matmul, type MatmulOptions } from "./matmul.ts";
export { maxPool2d, type Pool2dOptions } from "./max_pool2d.ts";
export { maximum } from "./maximum.ts";
export { meanSquaredError } from "./mean_squared_error.ts";
export { meshgrid } from "./meshgrid.ts";
export { minimum } from "./minimum.ts";
export { mod } from "./modulo.ts";
export { mul } from "./mul.ts";
export { neg } from "./neg.ts";
export { type NormalizationOptions } from "./normalize.ts";
export { oneHot } from "./one_hot.ts";
export { pack, type PackLayout, packLayout, unpack } from "./pack.ts";
export { pad, type Padding, type PadMode } from "./pad.ts";
export { pixelShuffle, type PixelShuffleOptions, pixelUnshuffle } from "./pixel_shuffle.ts";
export { averagePool1d, maxPool1d, type Pool1dOptions } from "./pool1d.ts";
export { averagePool3d, maxPool3d, type Pool3dOptions } from "./pool3d.ts";
export { pow } from "./pow.ts";
export { prod } from "./prod.ts";
export {
  randomBernoulli,
  randomBits,
  randomNormal,
  type RandomOptions,
  RandomSource,
  randomUniform,
} from "./random.ts";
export { argMax, argMin, max, mean, min, type ReduceOptions, sum } from "./reduce.ts";
export { relu } from "./relu.ts";
export { repeat, tile } from "./repeats.ts";
export { flatten, reshape } from "./reshape.ts";
export { resize, type ResizeImagesOptions } from "./resize.ts";
export { reverse } from "./reverse.ts";
export { roll } from "./roll.ts";
export { rotaryEmbedding, type RotaryOptions } from "./rotary_embedding.ts";
export { round } from "./round.ts";
export { rsqrt } from "./rsqrt.ts";
export { shiftImages } from "./shift_images.ts";
export { shuffled } from "./shuffle.ts";
export { sigmoid } from "./sigmoid.ts";
export { sign } from "./sign.ts";
export { silu } from "./silu.ts";
export { sin } from "./sin.ts";
export { slice } from "./slice.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export { softplus } from "./softplus.ts";
export { argSort, sort, type SortOptions, topK, type TopKOptions } from "./sort.ts";
export { split } from "./split.ts";
export { sqrt } from "./sqrt.ts";
export { square } from "./square.ts";
export { expandDims, squeeze } from "./squeeze.ts";
export { stopGradient } from "./stop_gradient.ts";
export { sub } from "./sub.ts";
export { tan } from "./tan.ts";
export { tanh } from "./tanh.ts";
export { transpose } from "./transpose.ts";
export { moments, std, variance, type VarianceOptions } from "./variance.ts";
export { eye, tril, triu } from "./triangle.ts";
export { where } from "./where.ts";
export { type Pair, type WindowPadding } from "./window.ts";
export { type WindowPadding1d } from "./window1d.ts";
export { type Triple, type WindowPadding3d } from "./window3d.ts";
export { scatterAdd } from "./scatter_add.ts";
export { scan, type ScanOptions, type ScanStep, type Tensors } from "./scan.ts";
