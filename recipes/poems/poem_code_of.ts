/** How poems are tokens, as a model knows it. */
import { PoemCode, type PoemCodeDescription } from "../../data/poems/poem_code.ts";
import type { Model } from "../../models/model.ts";
import { keptDetails } from "../kept_details.ts";
import { checkTokens } from "../token_outputs.ts";

/** The code of a model's poems; undefined where it was not made by `train poems`. */
export const poemCodeOf = (model: Model): PoemCode | undefined =>
  keptDetails(model, "poems", (value) => checkTokens(model, new PoemCode(value as PoemCodeDescription)));
