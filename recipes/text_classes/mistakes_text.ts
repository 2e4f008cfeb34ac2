/** The mistakes that tell most: where a model is surest, and wrong. */
import type { LabelledText } from "../../data/text/text_class_types.ts";
import type { NdArray } from "../../engine/array.ts";
import { largestOf } from "../classification/class_table.ts";
import { percent } from "../number_text.ts";

/** The most that are shown, and how much of each. */
const [SHOWN, CHARACTERS] = [40, 160];

/** A text file of mistakes, the surest first: what each text is, what it is taken for, and how it begins. */
export function mistakesText(
  texts: readonly LabelledText[],
  probabilities: NdArray,
  classNames: readonly string[],
): Uint8Array {
  const classes = classNames.length;
  const wrong = largestOf(probabilities).map((guess, i) => ({
    ...texts[i],
    guess,
    sure: probabilities.data[i * classes + guess],
    left: probabilities.data[i * classes + texts[i].label],
  })).filter(({ guess, label }) => guess !== label).sort((a, b) => b.sure - a.sure);
  const lines = wrong.slice(0, SHOWN).flatMap(({ name, text, label, guess, sure, left }) => {
    const characters = [...text.replaceAll(/\s+/g, " ")];
    const shown = characters.slice(0, CHARACTERS).join("") + (characters.length > CHARACTERS ? " ..." : "");
    return [
      `${name}: ${classNames[label]}, taken for ${classNames[guess]} (${percent(sure)}; ${
        percent(left)
      } for ${classNames[label]})`,
      `    ${shown}`,
      "",
    ];
  });
  const head = `${wrong.length} of ${texts.length} texts are taken for another class; ${
    wrong.length > SHOWN ? `the ${SHOWN} surest first` : "the surest first"
  }:`;
  return new TextEncoder().encode([head, "", ...lines].join("\n"));
}
