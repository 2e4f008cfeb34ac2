/**
 * Models: layers put together, their weights and their files.
 * @module
 */
export { audioClassifier, type AudioClassifierOptions } from "./audio_classifier.ts";
export { chordRnn, type ChordRnnOptions } from "./chord_rnn.ts";
export { cnn, type CnnOptions } from "./cnn.ts";
export { drawChords, type DrawChordsOptions } from "./draw_chords.ts";
export { fastCnn, type FastCnnOptions } from "./fast_cnn.ts";
export { graph, type GraphOptions, type NamedTensors } from "./graph/graph.ts";
export {
  type ModelGraph,
  type ModelInput,
  type ModelOutput,
  type PlacedLayer,
  type Source,
} from "./graph/model_graph.ts";
export { partOf, type PartOptions } from "./graph/part_of.ts";
export {
  connect,
  input,
  type InputOptions,
  merge,
  type Placeable,
  SymbolicTensor,
} from "./graph/symbolic_tensor.ts";
export { drawFrames, type DrawFramesOptions } from "./draw_frames.ts";
export { frameLoss } from "./frame_distribution.ts";
export { soundRnn, type SoundRnnOptions } from "./sound_rnn.ts";
export { type ModelResult } from "./graph/model_result.ts";
export { type ModelCarry } from "./graph/carry.ts";
export { type BlockInitializer, type Initializer, initialValues } from "./initializers.ts";
export {
  Model,
  type ModelInfo,
  type ModelOptions,
  sequential,
  type SequentialOptions,
  type SoundInfo,
} from "./model.ts";
export { type CharCell, charRnn, type CharRnnOptions } from "./char_rnn.ts";
export { bernoulliLoss, logisticLoss } from "./likelihood.ts";
export { vae, type VaeOptions, vaeParts } from "./vae.ts";
export { charTransformer, type CharTransformerOptions } from "./char_transformer.ts";
export { markSeen, penalizeRepetition, sampleLogits, type SampleOptions } from "./sampling.ts";
export { sequenceClassifier, type SequenceClassifierOptions } from "./sequence_classifier.ts";
export { type Precision } from "./precision.ts";
export { decodeModel, encodeModel, loadModel, saveModel } from "./model_file.ts";
export { type ImportedWeights, type ImportOptions, importWeights } from "./weights/import_weights.ts";
