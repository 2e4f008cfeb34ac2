/** A text as numbers: its characters in order, and windows into it with what comes next. */
import { Dataset, ndarray, tokens, windows } from "@gesso/gesso";

/** A text that networks learn to go on with. */
export interface Characters {
  /** Each character once, in order: token i stands for `alphabet[i]`. */
  readonly alphabet: readonly string[];
  /** The first nine tenths in windows of `tokens`, with `next`: the character behind each. */
  readonly training: Dataset;
  /** The last tenth. */
  readonly validation: Dataset;
}

/** Cuts a text into windows that lie side by side. */
export function charactersOf(text: string, length: number): Characters {
  const characters = [...text];
  const alphabet = [...new Set(characters)].sort();
  const numberOf = new Map(alphabet.map((character, i) => [character, i]));
  const stream = Int32Array.from(characters, (character) => numberOf.get(character)!);
  const dataset = (part: Int32Array) => {
    const values = tokens(ndarray("int32", [part.length], part));
    return new Dataset({
      fields: {
        tokens: windows(values, { length, stride: length }),
        next: windows(values, { length, stride: length, shift: 1 }),
      },
      inputs: "tokens",
      targets: "next",
    });
  };
  const end = Math.floor(0.9 * stream.length);
  return { alphabet, training: dataset(stream.slice(0, end)), validation: dataset(stream.slice(end)) };
}
