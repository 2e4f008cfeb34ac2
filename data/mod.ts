/**
 * Data sets: where they come from, and how they reach a device.
 * @module
 */
export {
  cifar10,
  type Cifar10Location,
  type Cifar10Options,
  type Cifar10Report,
  locateCifar10,
  verifyCifar10,
} from "./image/cifar10.ts";
export {
  type AllSounds,
  allSounds,
  type AudioFolder,
  audioFolder,
  type AudioFolderOptions,
  type ReadSounds,
} from "./audio/audio_folder.ts";
export { DataError } from "./data_error.ts";
export { type Batch, Dataset, type Example, type TrainAndTest } from "./dataset.ts";
export { type DatasetOptions, type InputsAndTargets, type NamedFields } from "./dataset_options.ts";
export { type DataSource } from "./data_source.ts";
export { type ElementEncoding, type Encoding, type ExampleType } from "./encoding.ts";
export { classes, type Field, numbers, tokens } from "./field.ts";
export {
  type ExamplesRequest,
  Generated,
  generated,
  type GeneratedField,
  type GeneratedOptions,
  type MadeExamples,
} from "./generated.ts";
export { windows, type WindowsOptions } from "./windows.ts";
export { type DownloadProgress } from "./storage/download.ts";
export { DownloadError } from "./storage/download_error.ts";
export { type ImageFolder, imageFolder, type ImageFolderOptions } from "./image/image_folder.ts";
export { type FolderProgress, type FolderReadingOptions } from "./folder/class_folder.ts";
export { type Skipped } from "./folder/skipped.ts";
export { shapes, type ShapesOptions } from "./image/shapes.ts";
export { chorales, choraleVoices, type TrainValidationTest } from "./music/chorales.ts";
export {
  type CollectedTune,
  type Dances,
  dances,
  type DancesOptions,
  type TuneCollection,
  tuneCollection,
} from "./music/dances.ts";
export { type GridOptions, notesOfRoll, notesOfVoices, rollOfNotes } from "./music/piano_roll.ts";
export {
  choirRanges,
  type Parallel,
  type VoiceLeading,
  voiceLeading,
  type VoiceRange,
} from "./music/voice_leading.ts";
export { type LineEndCounts, type LineEnds } from "./text/line_ends.ts";
export {
  type TextCorpus,
  textCorpus,
  type TextCorpusOptions,
  type TextFileReport,
  type TextSource,
} from "./text/text_corpus.ts";
export { type TextEncodingName } from "./text/text_encoding.ts";
export { type SkippedText } from "./text/text_files.ts";
export { type TextUnit } from "./text/text_units.ts";
export { Vocabulary, type VocabularyDescription } from "./text/vocabulary.ts";
