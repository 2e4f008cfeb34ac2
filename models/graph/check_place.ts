/** Whether a layer fits where it is placed: what has to be right before it has a result. */
import { checkShape, formatShape, type Shape } from "../../engine/shape.ts";
import type { InputDType, Layer, WeightSpec } from "../layer.ts";

/** What goes into a layer, without the batch axis. */
export interface LayerInput {
  readonly shape: Shape;
  readonly dtype: InputDType;
}

/** What a layer gives at a place, and the weights that it needs there. */
export interface PlacedShapes {
  readonly outputShape: Shape;
  /** What it gives beside that, by name. */
  readonly results: Readonly<Record<string, Shape>>;
  readonly weights: readonly WeightSpec[];
}

/** How many shapes a message has at most. */
const MOST_SHOWN = 8;

/** `[32, 32, 3]`, `int32 [80]` */
export const formatInput = ({ shape, dtype }: LayerInput): string =>
  `${dtype === "float32" ? "" : `${dtype} `}${formatShape(shape)}`;

const shown = (inputs: readonly LayerInput[]): string =>
  inputs.slice(0, MOST_SHOWN).map(formatInput).join(" and ") + (inputs.length > MOST_SHOWN ? " ..." : "");

const inputCount = (count: number): string => `${count} input${count === 1 ? "" : "s"}`;

/**
 * What a layer gives for these inputs.
 *
 * @param title What messages call it: `layer 2 (conv2d_1)`.
 * @throws {RangeError} when they do not fit.
 */
export function checkPlace(layer: Layer, inputs: readonly LayerInput[], title: string): PlacedShapes {
  const place = `Cannot place ${title} behind ${shown(inputs)}`;
  const { arity = 1, inputDType = "float32" } = layer;
  if (arity === "several" ? inputs.length === 0 : inputs.length !== arity) {
    const takes = arity === "several" ? "at least one input" : inputCount(arity);
    const advice = inputs.length === 1 ? "; merge gives it several" : "";
    throw new RangeError(
      `${place}: ${layer.type} takes ${takes}, and there ${
        inputs.length === 1 ? "is" : "are"
      } ${inputs.length}${advice}`,
    );
  }
  inputs.forEach(({ dtype }, i) => {
    const wanted = typeof inputDType === "string" ? inputDType : inputDType[i];
    if (dtype === wanted) return;
    throw new RangeError(
      `${place}: ${layer.type} takes ${wanted}${inputs.length > 1 ? ` as input ${i + 1}` : ""}` +
        (wanted === "int32"
          ? '; an input of whole numbers has the dtype "int32"'
          : "; an embedding makes it of tokens"),
    );
  });
  const [first, ...others] = inputs.map(({ shape }) => shape);
  try {
    const outputShape = layer.outputShape(first, ...others);
    const results = layer.results?.(first, ...others) ?? {};
    for (const shape of [outputShape, ...Object.values(results)]) {
      checkShape(`use ${layer.type}`, shape);
      if (shape.includes(0)) throw new RangeError(`its result ${formatShape(shape)} is empty`);
    }
    return { outputShape, results, weights: layer.weights(first, ...others) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`${place}: ${reason}`, { cause });
  }
}
