/** Texts that would make a terminal do something, in files that are right otherwise, and what is shown of them. */
import type { Random } from "../../data/random.ts";
import { visible } from "../../engine/visible.ts";
import { encodeSafetensors } from "../../formats/safetensors/safetensors.ts";
import { decodeModel } from "../../models/model_file.ts";
import { weights } from "../models/make_model_file.ts";
import type { Target } from "./targets.ts";

/** What a terminal obeys, or what turns the direction of what it shows. */
const obeyed = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const sequences = [
  "\x1b]0;title\x07",
  "\x1b[2J",
  "\x9b31m",
  "\r",
  "\n",
  "\x08",
  "\u202e",
  "\u2028",
  "\x1bP+q\x1b\\",
];

function anyText(random: Random): string {
  return Array.from({ length: 1 + random.below(6) }, () => {
    const kind = random.below(3);
    if (kind === 0) return sequences[random.below(sequences.length)];
    return String.fromCodePoint(kind === 1 ? random.below(0x100) : random.below(0xd800));
  }).join("");
}

/** A model file whose texts are anything; every second one has something that a message will name. */
function modelWith(random: Random): Uint8Array {
  const name = anyText(random);
  const isWrong = random.below(2) === 1;
  const [input, output] = [anyText(random), anyText(random)];
  const from = isWrong && random.below(3) === 0 ? anyText(random) : input;
  const description = {
    version: 2,
    name: anyText(random),
    inputs: [{ name: input, shape: [2], dtype: "float32" }],
    layers: [{
      type: isWrong && random.below(2) === 1 ? anyText(random) : "dense",
      name,
      config: { units: 3, ...isWrong && { [anyText(random)]: anyText(random) } },
      from: [{ input: from }],
    }],
    outputs: [{ name: output, from: { layer: name } }, { name: `${output}!`, from: { input } }],
    info: { classNames: Array.from({ length: 3 }, () => anyText(random)), dataset: anyText(random) },
  };
  const named = { [`${name}/kernel`]: weights["d/kernel"], [`${name}/bias`]: weights["d/bias"] };
  return encodeSafetensors(named, { gesso: JSON.stringify(description) });
}

/** Looks at every line that a person would see of a file. */
export const escapes: Pick<Target, "read" | "change"> = {
  change: (_file, _other, random) => modelWith(random),
  read: (bytes) => {
    const check = (text: string) => {
      if (obeyed.test(text)) throw new Error(`shown as it is: ${JSON.stringify(text)}`);
    };
    try {
      const model = decodeModel(bytes);
      for (const line of model.summary().split("\n")) check(line);
      for (const text of [...model.info.classNames!, model.info.dataset!]) check(visible(text));
    } catch (error) {
      check(visible((error as Error).message));
      throw error;
    }
    return Promise.resolve();
  },
};
