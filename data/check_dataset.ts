/** What has to hold for fields to be a data set. */
import { checkArray, type NdArray } from "../engine/array.ts";
import { either, listOf, objectThat, text } from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import { elementsOf } from "./encoding.ts";
import { countOf, type Field, readArray, scaleKind, typesStoredAs, usualScale } from "./field.ts";
import type { DatasetOptions } from "./dataset_options.ts";
import { fieldNames, readRoles, type Roles } from "./field_roles.ts";

/** The parts of a data set, with the defaults filled in. */
export interface DatasetParts extends Roles {
  /** Each with as many examples, or windows enough. */
  readonly fields: Readonly<Record<string, Field>>;
  /** The number of examples. */
  readonly length: number;
  /** For messages. */
  readonly name: string;
}

/** The parts of a data set from its options; throws a `TypeError` or `RangeError` when they do not go together. */
export function readDataset(options: DatasetOptions): DatasetParts {
  const isNamed = typeof options === "object" && options !== null && "fields" in options &&
    options.fields !== undefined;
  return isNamed ? readFields(options) : readPair(options);
}

const arrayKind = objectThat<NdArray>("an array with dtype, shape and data (see ndarray)");
const fieldsKind = objectThat<Record<string, Field>>("fields by their names");
const rolesKind = either(text, listOf(text));

function readFields(options: DatasetOptions): DatasetParts {
  const { name, fields, inputs, targets } = readOptions("make a data set", options, {
    name: optional(text, "dataset"),
    fields: required(fieldsKind),
    inputs: optional(rolesKind),
    targets: optional(rolesKind),
  });
  const attempt = `make ${name}`;
  fieldNames(attempt, fields);
  for (const [field, value] of Object.entries(fields)) checkField(`${attempt} of field ${field}`, value);
  return {
    name,
    fields: { ...fields },
    length: sharedLength(attempt, fields),
    ...readRoles(attempt, fields, inputs, targets),
  };
}

/** A field may come from anywhere: what it needs is looked at again. */
function checkField(attempt: string, field: Field): void {
  const isField = typeof field === "object" && field !== null && "values" in field && "encoding" in field;
  if (!isField) {
    throw new TypeError(`Cannot ${attempt}: it takes what numbers, classes, tokens or windows give`);
  }
  readArray(attempt, field.values, typesStoredAs(elementsOf(field.encoding)));
}

/** The number of examples: that of the fields that have one each; else of the windows of which there are fewest. */
function sharedLength(attempt: string, fields: Readonly<Record<string, Field>>): number {
  const counts = Object.entries(fields).map(([name, field]) => ({
    name,
    count: countOf(field),
    isWindows: field.encoding.kind === "windows",
  }));
  const [fixed] = counts.filter(({ isWindows }) => !isWindows);
  if (!fixed) return Math.min(...counts.map(({ count }) => count));
  const other = counts.find(({ count, isWindows }) =>
    isWindows ? count < fixed.count : count !== fixed.count
  );
  if (!other) return fixed.count;
  throw new RangeError(
    `Cannot ${attempt} of fields ${fixed.name} with ${fixed.count} examples and ${other.name} with ${other.count}` +
      `${other.isWindows ? " windows" : ""}: all need as many`,
  );
}

/** The usual two: inputs, and targets that are classes or numbers. */
function readPair(options: DatasetOptions): DatasetParts {
  const { name, ...read } = readOptions("make a data set", options, {
    name: optional(text, "dataset"),
    inputs: required(arrayKind),
    targets: required(arrayKind),
    classNames: optional(listOf(text)),
    scale: optional(scaleKind),
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
  const { classNames, scale = usualScale(inputs.dtype) } = read;
  if (classNames) checkClasses(name, targets, classNames.length);
  if (inputs.dtype === "float32" && scale !== 1) {
    throw new TypeError(`Cannot make ${name} with scale ${scale}: float32 inputs are used as they are`);
  }
  const fields: Record<string, Field> = {
    inputs: { values: inputs, encoding: { kind: "numbers", scale, offset: 0 } },
    targets: {
      values: targets,
      encoding: targets.dtype === "float32"
        ? { kind: "numbers", scale: 1, offset: 0 }
        : { kind: "classes", classNames },
    },
  };
  return { name, fields, length: inputs.shape[0], inputFields: ["inputs"], targetFields: ["targets"] };
}

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
