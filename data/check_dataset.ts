/** What has to hold for arrays to be a data set. */
import { type NdArray, ndarray } from "../engine/array.ts";

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

/** Throws a `TypeError` or `RangeError` when the parts do not go together. */
export function checkDataset({ inputs, targets, classNames, name, scale }: DatasetParts): void {
  checkArray(name, "inputs", inputs, ["uint8", "float32"]);
  checkArray(name, "targets", targets, ["uint8", "int32", "float32"]);
  if (inputs.shape[0] !== targets.shape[0]) {
    throw new RangeError(
      `Cannot make ${name} of inputs [${inputs.shape.join(", ")}] and targets [${
        targets.shape.join(", ")
      }]: ` +
        `${inputs.shape[0]} inputs need as many targets`,
    );
  }
  if (classNames) checkClasses(name, targets, classNames.length);
  if (!Number.isFinite(scale) || scale === 0) {
    throw new RangeError(`Cannot make ${name} with scale ${scale}: it must be a finite number other than 0`);
  }
  if (inputs.dtype === "float32" && scale !== 1) {
    throw new TypeError(`Cannot make ${name} with scale ${scale}: float32 inputs are used as they are`);
  }
}

function checkArray(name: string, role: string, array: NdArray, dtypes: readonly string[]): void {
  const attempt = `Cannot make ${name} of ${role} ${array.dtype} [${array.shape.join(", ")}]`;
  if (!dtypes.includes(array.dtype)) {
    throw new TypeError(`${attempt}: ${role} must be ${dtypes.join(" or ")}`);
  }
  if (array.shape.length === 0 || array.shape[0] < 1) {
    throw new RangeError(`${attempt}: the first axis counts examples, at least one`);
  }
  ndarray(array.dtype, array.shape, array.data); // throws when elements and shape do not go together
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
