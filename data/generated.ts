/** Examples that are made while steps run: from a simulation, a synthesizer, files that do not fit into memory. */
import type { DType, NdArray, TypedArray } from "../engine/array.ts";
import {
  either,
  flag,
  functionKind,
  listOf,
  objectThat,
  oneOf,
  sizesFrom,
  text,
  whole,
} from "../engine/option_kinds.ts";
import { optional, readOptions, required } from "../engine/options.ts";
import type { DataSource } from "./data_source.ts";
import { decodedType, type ElementEncoding, type Encoding, type ExampleType } from "./encoding.ts";
import { typesStoredAs, usualEncoding } from "./field.ts";
import { fieldNames, readRoles } from "./field_roles.ts";

/** What a field of examples holds that are made as they are needed. */
export interface GeneratedField {
  /** The element type of what is made. */
  readonly dtype: "uint8" | "int32" | "float32";
  /** The size of each axis of one example; `[]` is a single number. */
  readonly shape: readonly number[];
  /** How a step gets it; when left out, bytes and `float32` as {@linkcode numbers}, `int32` as {@linkcode tokens}. */
  readonly encoding?: ElementEncoding;
}

/** Which examples are wanted. */
export interface ExamplesRequest {
  /** The epoch, from 0. */
  readonly epoch: number;
  /** The seed of the run: the same seed and epoch are to give the same examples. */
  readonly seed: number;
  /** The first example of the epoch that is wanted: 0, unless the source is `seekable` and a run is gone on with. */
  readonly position: number;
  /** Aborted when no more examples are wanted. */
  readonly signal: AbortSignal;
}

/**
 * Examples by the names of their fields: one of them, or several, of which all fields have as many. A typed array has its elements
 * in their order; a number will do for a field of shape `[]`.
 */
export type MadeExamples = Readonly<Record<string, NdArray | TypedArray | number>>;

/** What {@linkcode generated} makes a source of. */
export interface GeneratedOptions {
  /** What is made, by name. */
  readonly fields: Readonly<Record<string, GeneratedField>>;
  /** Examples of an epoch. What is made beyond is not asked for. */
  readonly examplesPerEpoch: number;
  /** Makes the examples of an epoch, in their order: most easily an `async function*` or a `function*`. */
  readonly examples: (request: ExamplesRequest) => AsyncIterable<MadeExamples> | Iterable<MadeExamples>;
  /** Which fields go into a model; all that are no targets when left out. */
  readonly inputs?: string | readonly string[];
  /** Which fields a model's results are compared with; none when left out. */
  readonly targets?: string | readonly string[];
  /**
   * Whether `examples` begins with the example at `position`. When left out, it begins with the first one, and a run that goes
   * on in the middle of an epoch passes over those that it has had.
   */
  readonly seekable?: boolean;
  /** What messages call it; `"generated"` when left out. */
  readonly name?: string;
}

const fieldKind = {
  dtype: required(oneOf(["uint8", "int32", "float32"])),
  shape: required(sizesFrom(1)),
  encoding: optional(objectThat<ElementEncoding>("an encoding, such as a field of numbers() has")),
};

/** A source of examples that are made as steps need them. */
export class Generated implements DataSource {
  /** What is made, by name, each with its encoding. */
  readonly fields: Readonly<Record<string, Required<GeneratedField>>>;
  /** The names of the fields that go into a model. */
  readonly inputFields: readonly string[];
  /** The names of the fields that a model's results are compared with. */
  readonly targetFields: readonly string[];
  /** Examples of an epoch. */
  readonly length: number;
  /** What messages call it. */
  readonly name: string;
  /** Whether it can begin in the middle of an epoch. */
  readonly seekable: boolean;
  /** Makes the examples of an epoch. */
  readonly examples: GeneratedOptions["examples"];

  /** Throws a `TypeError` or `RangeError` when an option is not what it has to be. */
  constructor(options: GeneratedOptions) {
    const read = readOptions("make a generated source", options, {
      fields: required(objectThat<Record<string, GeneratedField>>("fields by their names")),
      examplesPerEpoch: required(whole(1)),
      examples: required(functionKind<GeneratedOptions["examples"]>()),
      inputs: optional(either(text, listOf(text))),
      targets: optional(either(text, listOf(text))),
      seekable: optional(flag, false),
      name: optional(text, "generated"),
    });
    const attempt = `make ${read.name}`;
    this.fields = Object.fromEntries(
      fieldNames(attempt, read.fields).map((
        name,
      ) => [name, readField(`${attempt} of field ${name}`, read.fields[name])]),
    );
    const { inputFields, targetFields } = readRoles(attempt, this.fields, read.inputs, read.targets);
    this.inputFields = inputFields;
    this.targetFields = targetFields;
    this.length = read.examplesPerEpoch;
    this.name = read.name;
    this.seekable = read.seekable;
    this.examples = read.examples;
  }

  /** What a step gets of each field for one example. */
  get types(): Readonly<Record<string, ExampleType>> {
    return Object.fromEntries(
      Object.entries(this.fields).map((
        [name, { encoding, shape }],
      ) => [name, { dtype: decodedType(encoding), shape }]),
    );
  }

  /** How each field is read. */
  get encodings(): Readonly<Record<string, Encoding>> {
    return Object.fromEntries(Object.entries(this.fields).map(([name, { encoding }]) => [name, encoding]));
  }

  /** The name of each class, where the only target is class indices with names. */
  get classNames(): readonly string[] | undefined {
    if (this.targetFields.length !== 1) return undefined;
    const { encoding } = this.fields[this.targetFields[0]];
    return encoding.kind === "classes" ? encoding.classNames : undefined;
  }
}

function readField(attempt: string, given: GeneratedField): Required<GeneratedField> {
  const { dtype, shape, ...read } = readOptions(attempt, given, fieldKind);
  const { encoding = usualEncoding(dtype) } = read;
  const stored: readonly DType[] | undefined = typesStoredAs(encoding);
  if (!stored?.includes(dtype)) {
    throw new TypeError(
      `Cannot ${attempt} with ${dtype} read as ${encoding.kind}: ` +
        (stored ? `these are ${stored.join(" or ")}` : "there are numbers, classes and tokens"),
    );
  }
  return { dtype, shape, encoding };
}

/**
 * A source of examples that are made while steps run, several batches ahead of the device: it waits when there are enough.
 * `fit` and `train` take it wherever they take a {@linkcode Dataset}. Order is what `examples` makes it; nothing is shuffled.
 *
 * @throws {TypeError | RangeError} when an option is not what it has to be. What is made is looked at when it comes: what does
 * not fit ends the run with an error that names the example.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { generated } from "@gesso/gesso";
 *
 * // Points in a square, and whether they are within a circle.
 * const points = generated({
 *   fields: {
 *     point: { dtype: "float32", shape: [2] },
 *     inside: { dtype: "int32", shape: [], encoding: { kind: "classes", classNames: ["no", "yes"] } },
 *   },
 *   targets: "inside",
 *   examplesPerEpoch: 1000,
 *   *examples({ epoch, seed }) {
 *     for (let i = 0;; i++) {
 *       const angle = (i + 1000 * epoch + seed) * 2.399963;
 *       const [x, y] = [Math.cos(angle) * (i % 17) / 12, Math.sin(angle) * (i % 17) / 12];
 *       yield { point: Float32Array.of(x, y), inside: Math.hypot(x, y) < 1 ? 1 : 0 };
 *     }
 *   },
 * });
 * assertEquals([points.length, points.classNames], [1000, ["no", "yes"]]);
 * ```
 */
export function generated(options: GeneratedOptions): Generated {
  return new Generated(options);
}
