/** What a model says of texts. */
import { type NdArray, ndarray } from "../../engine/array.ts";
import { encodeTexts } from "../../data/text/labelled_texts.ts";
import { Vocabulary } from "../../data/text/vocabulary.ts";
import type { Model } from "../../models/model.ts";
import { predict } from "../../training/fit/predict.ts";
import type { Where } from "../recipe.ts";

/** The probability of each class, `[texts, classes]`, by a model that `train text-classes` made. */
export async function textProbabilities(
  model: Model,
  texts: readonly string[],
  where: Where,
): Promise<NdArray> {
  const [length] = model.inputs.tokens.shape;
  const { tokens, lengths } = encodeTexts(texts, new Vocabulary(model.info.vocabulary!), length);
  const inputs = {
    tokens: ndarray("int32", [texts.length, length], tokens),
    length: ndarray("int32", [texts.length], lengths),
  };
  return await predict(model, inputs, { ...where, probabilities: true });
}
