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
export { allSounds, audioFolder } from "./audio/audio_folder.ts";
export type { AllSounds, AudioFolder, AudioFolderOptions, ReadSounds } from "./audio/read_sounds.ts";
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
export { imageFolder } from "./image/image_folder.ts";
export type { ImageFolder, ImageFolderOptions } from "./image/read_images.ts";
export { type FolderProgress, type FolderReadingOptions } from "./folder/class_folder.ts";
export { type Skipped } from "./folder/skipped.ts";
export { mnist } from "./image/mnist.ts";
export { type CutSheet, cutSheet, type CutSheetOptions } from "./image/sprite_sheet.ts";
export { shapes, type ShapesOptions } from "./image/shapes.ts";
export { chorales, choraleVoices } from "./music/chorales.ts";
export { musicFolder } from "./music/music_folder.ts";
export type { MusicFolder, MusicFolderOptions } from "./music/read_music.ts";
export type { TrainValidationTest } from "./music/three_parts.ts";
export { dances, tuneCollection } from "./music/dances.ts";
export type { CollectedTune, Dances, DancesOptions, TuneCollection } from "./music/collected_tunes.ts";
export { TuneCode, type TuneCodeDescription, type TuneHeader } from "./music/tune_code.ts";
export { tuneOfWords, wordsOfTune } from "./music/tune_words.ts";
export { type GridOptions, notesOfRoll, notesOfVoices, rollOfNotes } from "./music/piano_roll.ts";
export {
  choirRanges,
  type Parallel,
  type VoiceLeading,
  voiceLeading,
  type VoiceRange,
} from "./music/voice_leading.ts";
export {
  type LineLength,
  type PoemBeginning,
  PoemCode,
  type PoemCodeDescription,
  type WrittenPoem,
} from "./poems/poem_code.ts";
export type { Poem, PoemCollection, Quatrains, QuatrainsOptions } from "./poems/poem_types.ts";
export { poemCollection, quatrains } from "./poems/poems.ts";
export { type LineEndCounts, type LineEnds } from "./text/line_ends.ts";
export { textCorpus } from "./text/text_corpus.ts";
export type { TextCorpus, TextCorpusOptions, TextFileReport, TextSource } from "./text/corpus_types.ts";
export { textClasses } from "./text/text_classes.ts";
export type { LabelledText, TextClasses, TextClassesOptions } from "./text/text_class_types.ts";
export { type TextEncodingName } from "./text/text_encoding.ts";
export { type SkippedText } from "./text/text_files.ts";
export { type TextUnit } from "./text/text_units.ts";
export { Vocabulary, type VocabularyDescription } from "./text/vocabulary.ts";
