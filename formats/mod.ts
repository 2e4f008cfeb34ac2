/**
 * Formats: arrays to bytes and back, and pictures of results.
 * @module
 */
export { abcNotes } from "./abc/abc_notes.ts";
export { type AbcTune, abcValue, parseAbc } from "./abc/abc_tune.ts";
export { type AbcCheck, checkAbc } from "./abc/check_abc.ts";
export { Canvas, type Color, type Place, textHeight, textWidth } from "./drawing/canvas.ts";
export { FormatError } from "./format_error.ts";
export { encodeGif, type EncodeGifOptions } from "./gif/gif_encoder.ts";
export { type Background } from "./image/background.ts";
export { decodeImage, resizeImage, type ResizeOptions } from "./image/image.ts";
export { decodeIdx } from "./idx/idx.ts";
export { decodeJpeg } from "./jpeg/jpeg.ts";
export { lineChart, type LineChartOptions, type Series } from "./drawing/line_chart.ts";
export { decodeMidi } from "./midi/midi_decoder.ts";
export { encodeMidi } from "./midi/midi_encoder.ts";
export { type Meter, type Note, secondsAt, type Tempo, type Tune, type Voice } from "./midi/note.ts";
export { decodeWebp } from "./webp/webp.ts";
export { pianoRoll, type PianoRollOptions } from "./drawing/piano_roll.ts";
export { type Tone } from "./sound/instruments.ts";
export { synthesize, type SynthesizeOptions } from "./sound/synthesize.ts";
export { pictureGrid, type PictureGridOptions } from "./drawing/picture_grid.ts";
export { decodePng } from "./png/png_decoder.ts";
export { encodePng } from "./png/png_encoder.ts";
export { type PngText, readPngText } from "./png/png_text.ts";
export { predictionSheet, type PredictionSheetOptions } from "./drawing/prediction_sheet.ts";
export { type SpectrogramOptions, spectrogramPicture } from "./drawing/spectrogram.ts";
export { decodeSound } from "./sound/decode_sound.ts";
export { mixToMono, resampleSound } from "./sound/resample.ts";
export { type Sound } from "./sound/sound.ts";
export { decodeWav } from "./wav/wav_decoder.ts";
export { encodeWav, type EncodeWavOptions } from "./wav/wav_encoder.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type Safetensors,
} from "./safetensors/safetensors.ts";
