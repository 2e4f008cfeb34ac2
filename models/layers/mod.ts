/**
 * Layers: what models are made of.
 * @module
 */
export {
  type CarrySpec,
  type InputDType,
  type Layer,
  type LayerConfig,
  type LayerContext,
  type WeightSpec,
} from "../layer.ts";
export { activation, type ActivationName } from "./core/activation.ts";
export { batchNormalization, type BatchNormalizationOptions } from "./normalization/batch_normalization.ts";
export { conv1d, type Conv1dLayerOptions } from "./convolution/conv1d.ts";
export { conv2d, type Conv2dLayerOptions } from "./convolution/conv2d.ts";
export { conv2dTranspose, type Conv2dTransposeLayerOptions } from "./convolution/conv2d_transpose.ts";
export { conv3d, type Conv3dLayerOptions } from "./convolution/conv3d.ts";
export { type ConvolutionLayerOptions } from "./convolution/convolution_layer.ts";
export { dense, type DenseOptions } from "./core/dense.ts";
export { dropout } from "./core/dropout.ts";
export { embedding, type EmbeddingOptions } from "./embedding/embedding.ts";
export { embeddingSum } from "./embedding/embedding_sum.ts";
export { flatten } from "./reshaping/flatten.ts";
export {
  groupNormalization,
  type GroupNormalizationOptions,
  instanceNormalization,
  type InstanceNormalizationOptions,
} from "./normalization/group_normalization.ts";
export { gru, type GruOptions } from "./recurrent/gru.ts";
export {
  layerNormalization,
  type LayerNormalizationLayerOptions,
  rmsNormalization,
} from "./normalization/layer_normalization.ts";
export { type LayerDescription, type LayerMaker, registerLayer } from "./layer_types.ts";
export { logMel, type LogMelOptions } from "./signal/log_mel.ts";
export { spectrogramMask, type SpectrogramMaskOptions } from "./signal/spectrogram_mask.ts";
export { lstm, type LstmOptions } from "./recurrent/lstm.ts";
export {
  addLayers,
  averageLayers,
  concatLayers,
  type ConcatLayersOptions,
  type MergeOptions,
  multiplyLayers,
} from "./merging/merging.ts";
export { minGru, type MinGruOptions } from "./recurrent/min_gru.ts";
export { multiHeadAttention, type MultiHeadAttentionOptions } from "./attention/multi_head_attention.ts";
export { oneHot, type OneHotOptions } from "./embedding/one_hot.ts";
export { nade, type NadeOptions } from "./core/nade.ts";
export { pixelShuffle, type PixelShuffleLayerOptions } from "./reshaping/pixel_shuffle.ts";
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
} from "./pooling/pooling.ts";
export { positionEmbedding, type PositionEmbeddingOptions } from "./embedding/position_embedding.ts";
export { type RecurrentCell } from "./recurrent/recurrent_cell.ts";
export { type RecurrentLayer, type RecurrentLayerOptions } from "./recurrent/recurrent_layer.ts";
export { permute } from "./reshaping/permute.ts";
export { recall, type RecallOptions } from "./attention/recall.ts";
export { reshapeTo } from "./reshaping/reshape_to.ts";
export { rnn } from "./recurrent/rnn.ts";
export { sequencePool, type SequencePoolOptions } from "./pooling/sequence_pool.ts";
export { upsample2d, type Upsample2dOptions } from "./reshaping/upsample2d.ts";
