/**
 * How what is given becomes the numbers that a network takes. A model keeps how its training data did, and nothing else goes in
 * without a word.
 */
import type { NdArray } from "../../engine/array.ts";
import { elementsOf } from "../../data/encoding.ts";
import type { Model, ModelInfo } from "../../models/model.ts";
import type { TrainingData } from "../feed/data_feed.ts";

/** Pixels, if nothing else is known. */
const USUAL_SCALE = 1 / 255;
/** Numbers may lie beyond what training showed by this part of its range: resizing overshoots, and so do small changes. */
const BEYOND = 0.5;

/** What a model knows of its inputs. */
type Inputs = Pick<ModelInfo, "inputDType" | "scale" | "offset">;

/** How the first input of some data is stored and read, if it is numbers. */
function numbersOf({ inputFields, fields, encodings }: TrainingData) {
  const name = inputFields[0];
  const elements = elementsOf(encodings[name]);
  const field = fields[name];
  const values = "values" in field ? field.values : undefined;
  const { dtype } = "values" in field ? field.values : field;
  return elements.kind === "numbers"
    ? { dtype, scale: elements.scale, offset: elements.offset, values }
    : undefined;
}

/** What a model knows of its inputs when it was trained on some data; nothing where these are no numbers. */
export function inputsOf(data: TrainingData): Inputs {
  const numbers = numbersOf(data);
  if (!numbers) return { inputDType: undefined, scale: undefined, offset: undefined };
  return numbers.dtype === "uint8"
    ? { inputDType: "uint8", scale: numbers.scale, offset: numbers.offset || undefined }
    : { inputDType: "float32", scale: undefined, offset: undefined };
}

/** Tells a model what it was trained on. */
export function markTrained(model: Model, data: TrainingData, seed: number): void {
  const { classNames, name: dataset } = data;
  const info: ModelInfo = { ...model.info, ...inputsOf(data), classNames, dataset, seed };
  model.info = Object.fromEntries(Object.entries(info).filter(([, value]) => value !== undefined));
}

/** What bytes are multiplied by before they go into a model, and what is added; throws where they would go in as nobody knows what. */
export function readingOfBytes({ info, name }: Model, attempt: string): { scale: number; offset: number } {
  if (info.scale === undefined && info.inputDType === "float32") {
    throw new TypeError(
      `${attempt}: ${name} was trained on float32 numbers as they are; give it such numbers, or say what bytes are ` +
        "multiplied by in its info.scale",
    );
  }
  return { scale: info.scale ?? USUAL_SCALE, offset: info.offset ?? 0 };
}

/** Throws unless a data set's inputs become numbers as those did that a model was trained on. */
export function checkPreprocessing(model: Model, data: TrainingData, info: Inputs = model.info): void {
  const attempt = `Cannot use ${model.name} on ${data.name}`;
  const numbers = numbersOf(data);
  if (!numbers) return;
  const { dtype, scale, offset, values } = numbers;
  if (dtype === "float32") return values && checkRange(attempt, info, values);
  if (info.inputDType === "float32" && info.scale === undefined) {
    throw new TypeError(
      `${attempt}: its inputs are bytes times ${scale}, the model is trained on float32 numbers as they are`,
    );
  }
  const { scale: trainedScale, offset: trainedOffset = 0 } = info;
  if (trainedScale === undefined) return;
  const isNear = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.abs(trainedScale);
  if (isNear(scale, trainedScale) && isNear(offset, trainedOffset)) return;
  const said = (scale: number, offset: number) =>
    `bytes times ${scale}${offset === 0 ? "" : ` plus ${offset}`}`;
  throw new RangeError(
    `${attempt}: its inputs are ${said(scale, offset)}, the model is trained on ${
      said(trainedScale, trainedOffset)
    }`,
  );
}

/** Throws for float32 numbers that are of another scale than the bytes that a model was trained on. */
export function checkRange(
  attempt: string,
  { inputDType, scale, offset = 0 }: Inputs,
  { data }: NdArray,
): void {
  if (scale === undefined || inputDType === "float32") return;
  const end = offset + 255 * scale;
  const [low, high] = [Math.min(offset, end), Math.max(offset, end)];
  let [least, most] = [Infinity, -Infinity];
  for (const value of data) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const beyond = BEYOND * (high - low);
  if (!(least < low - beyond || most > high + beyond)) return;
  throw new RangeError(
    `${attempt}: its inputs are numbers from ${least} to ${most}, the model is trained on bytes times ${scale}, so from ${low} ` +
      `to ${high}; give it bytes, or numbers of that range`,
  );
}
