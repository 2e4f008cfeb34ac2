/** What has to hold for arrays to be a data set. */
import { checkArray, type NdArray } from "../engine/array.ts";
import { listOf, numberThat, objectThat, text } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import type { DatasetOptions } from "./dataset.ts";

/** The parts of a data set, with the defaults filled in. */
export interface DatasetParts {
  /** `[N, ...]`, `uint8` or `float32`. */
  inputs: NdArray;
  /** `[N, ...]`, `uint8`, `int32` or `float32`. */
  targets: NdArray;
  /** Given where targets are class indices with names. */
  classNames?: readonly string[];
  /** For messages. */
  name: string;
  /** What `uint8` inputs are multiplied by. */
  scale: number;
}

/** The parts of a data set from its options; throws a `TypeError` or `RangeError` when they do not go together. */
export function readDataset(options: DatasetOptions): DatasetParts {
  const { name, ...read } = readOptions("make a data set", options, {
    name: optional(text, "dataset"),
    inputs: required(arrayKind),
    targets: required(arrayKind),
    classNames: optional(listOf(text)),
    scale: optional(
      numberThat("a finite number other than 0", (value) => Number.isFinite(value) && value !== 0),
    ),
  });
  const inputs = readPart(name, "inputs", read.inputs, ["uint8", "float32"]);
  const targets = readPart(name, "targets", read.targets, ["uint8", "int32", "float32"]);
  if (inputs.shape[0] !== targets.shape[0]) {
    throw new RangeError(
      `Cannot make ${name} of inputs [${inputs.shape.join(", ")}] and targets [${
        targets.shape.join(", ")
      }]: ` +
        `${inputs.shape[0]} inputs need as many targets`,
    );
  }
  const { classNames, scale = inputs.dtype === "uint8" ? 1 / 255 : 1 } = read;
  if (classNames) checkClasses(name, targets, classNames.length);
  if (inputs.dtype === "float32" && scale !== 1) {
    throw new TypeError(`Cannot make ${name} with scale ${scale}: float32 inputs are used as they are`);
  }
  return { inputs, targets, classNames, name, scale };
}

const arrayKind = objectThat<NdArray>("an array with dtype, shape and data (see ndarray)");

function readPart(name: string, role: string, array: NdArray, dtypes: readonly string[]): NdArray {
  const { dtype, shape } = checkArray(`make ${name} of ${role}`, array);
  const attempt = `Cannot make ${name} of ${role} ${dtype} [${shape.join(", ")}]`;
  if (!dtypes.includes(dtype)) throw new TypeError(`${attempt}: ${role} must be ${dtypes.join(" or ")}`);
  if (shape.length === 0 || shape[0] < 1) {
    throw new RangeError(`${attempt}: the first axis counts examples, at least one`);
  }
  return array;
}

function checkClasses(name: string, targets: NdArray, classes: number): void {
  if (targets.dtype === "float32") {
    throw new TypeError(`Cannot make ${name} with class names: float32 targets are no class indices`);
  }
  const wrong = targets.data.findIndex((target) => target < 0 || target >= classes);
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot make ${name} with ${classes} class names: target ${
        targets.data[wrong]
      } at element ${wrong} has none`,
    );
  }
}
