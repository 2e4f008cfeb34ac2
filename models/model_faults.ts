/** What makes a model useless or says two things at once: neither written to files nor taken from them. */
import { Vocabulary, type VocabularyDescription } from "../data/text/vocabulary.ts";
import { isObject } from "../formats/json/is_object.ts";
import type { Model, ModelInfo } from "./model.ts";

/** The least and the most that bytes may sensibly be multiplied by. */
const [leastScale, mostScale] = [1e-6, 1e6];

const isText = (value: unknown) => typeof value === "string";
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);

function isSound(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).some((key) => !["rate", "classes", "heard"].includes(key))) {
    return false;
  }
  const { rate, classes = [], heard = [] } = value;
  return Number.isInteger(rate) && (rate as number) >= 1 && isTexts(classes) && Array.isArray(heard) &&
    heard.every((kind) => Number.isInteger(kind) && kind >= 0 && kind < (classes as string[]).length);
}

function isVocabulary(value: unknown): boolean {
  try {
    return new Vocabulary(value as VocabularyDescription).size > 0;
  } catch {
    return false;
  }
}

/** What each part of the information has to be, and how a message says it. */
const infoParts: Record<keyof ModelInfo, { isRight: (value: unknown) => boolean; says: string }> = {
  scale: {
    isRight: (value) =>
      typeof value === "number" && Math.abs(value) >= leastScale && Math.abs(value) <= mostScale,
    says: `a number from ${leastScale} to ${mostScale}`,
  },
  offset: { isRight: (value) => Number.isFinite(value), says: "a finite number" },
  inputDType: { isRight: (value) => value === "uint8" || value === "float32", says: '"uint8" or "float32"' },
  classNames: { isRight: isTexts, says: "a list of texts" },
  dataset: { isRight: isText, says: "a text" },
  metrics: {
    // JSON has null for figures that are infinite or NaN.
    isRight: (value) =>
      isObject(value) &&
      Object.values(value).every((figure) => figure === null || typeof figure === "number"),
    says: "an object of numbers",
  },
  seed: {
    isRight: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
    says: "a whole number from 0",
  },
  recipe: { isRight: isText, says: "a text" },
  sound: {
    isRight: isSound,
    says: "an object with a rate in Hz, and perhaps with classes and the classes of what was heard",
  },
  vocabulary: { isRight: isVocabulary, says: "a vocabulary" },
  details: { isRight: isObject, says: "an object" },
};

/** What is wrong with the information about a model; `undefined` when nothing is. `classes` are as many as each output has. */
function infoFault(model: Model, classes: readonly number[]): string | undefined {
  const info: Readonly<Record<string, unknown>> = { ...model.info };
  for (const [key, value] of Object.entries(info)) {
    if (!Object.hasOwn(infoParts, key)) {
      return `info holds "${key}", which is none of ${Object.keys(infoParts).join(", ")}`;
    }
    const { isRight, says } = infoParts[key as keyof ModelInfo];
    if (value !== undefined && !isRight(value)) {
      return `${key} in its description is not ${says}: it is ${JSON.stringify(value)?.slice(0, 80)}`;
    }
  }
  const { classNames, vocabulary } = info as ModelInfo;
  if (vocabulary !== undefined) {
    const { size } = new Vocabulary(vocabulary);
    // What tells texts apart reads tokens and gives classes.
    const read = model.layers.map(({ layer }) => layer.config.tokens).filter((tokens) =>
      tokens !== undefined
    );
    const sizes = classNames === undefined ? classes : read;
    if (!sizes.includes(size)) {
      const what = classNames === undefined ? "outputs" : "tokens that it reads";
      return `it has a vocabulary of ${size} tokens for ${sizes.join(" and ") || "no"} ${what}`;
    }
  }
  if (classes.some((count) => goesWith(classNames, count))) return undefined;
  return `it has ${classNames!.length} class names for ${classes.join(" and ")} outputs`;
}

/** Whether there is a name for each output; one output is enough to tell two classes apart. */
export function goesWith(classNames: readonly string[] | undefined, outputs: number): boolean {
  const names = classNames?.length;
  return names === undefined || names === outputs || names === 2 && outputs === 1;
}

/** What is wrong with a model; `undefined` when nothing is. */
export function modelFault(model: Model): string | undefined {
  for (const { name, spec } of model.weightSpecs) {
    const { data } = model.weights.get(name)!;
    const bad = data.findIndex((value) => !Number.isFinite(value) || value < (spec.least ?? -Infinity));
    if (bad < 0) continue;
    const reason = Number.isFinite(data[bad])
      ? `and ${spec.least} is the least`
      : "so its results are no numbers";
    return `weight ${name} is ${data[bad]} at element ${bad} of ${data.length}, ${reason}`;
  }
  return infoFault(model, Object.values(model.outputs).map((shape) => shape.at(-1) ?? 1));
}
