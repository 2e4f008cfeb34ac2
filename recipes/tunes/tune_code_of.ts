/** How tunes are tokens, as a model knows it. */
import { TuneCode, type TuneCodeDescription } from "../../data/music/tune_code.ts";
import type { Model } from "../../models/model.ts";
import { keptDetails } from "../kept_details.ts";
import { checkTokens } from "../token_outputs.ts";

/** The code of a model's tunes; undefined where it was not made by `train tunes`. */
export const tuneCodeOf = (model: Model): TuneCode | undefined =>
  keptDetails(model, "tunes", (value) => checkTokens(model, new TuneCode(value as TuneCodeDescription)));
