/** Whether a model scores as many tokens as it knows. */
import type { Model } from "../models/model.ts";

/** The code, once it is sure that one of the model's outputs has a score for each of its tokens. */
export function checkTokens<C extends { readonly size: number }>(model: Model, code: C): C {
  const scored = Object.values(model.outputs).map((shape) => shape.at(-1));
  if (scored.includes(code.size)) return code;
  throw new RangeError(`it has ${code.size} tokens for ${scored.join(" and ")} outputs`);
}
