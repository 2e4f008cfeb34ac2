/** What tells data apart, as plain values that a checkpoint keeps. */
import type { NdArray } from "../engine/array.ts";
import { Dataset } from "./dataset.ts";
import type { DataSource } from "./data_source.ts";
import type { Encoding } from "./encoding.ts";
import { fingerprint } from "./fingerprint.ts";

/**
 * What examples come from: of arrays a hash of what they hold, of what is made as it is needed only its form; how each field
 * is read; and which fields are inputs and targets. Takes as long as hashing the arrays does.
 */
export async function fingerprintData(data: DataSource): Promise<Record<string, unknown>> {
  const { length: examples, encodings, types, inputFields, targetFields } = data;
  const hashes = new Map<NdArray, Promise<string>>();
  const hashOf = (values: NdArray): Promise<string> => {
    const known = hashes.get(values) ?? fingerprint(values);
    hashes.set(values, known);
    return known;
  };
  const fields = await Promise.all(
    Object.entries(encodings).map(async ([name, encoding]) => {
      const values = data instanceof Dataset
        ? await hashOf(data.fields[name].values)
        : `${types[name].dtype} [${types[name].shape.join(", ")}]`;
      return [[`field ${name}`, values], [`encoding of ${name}`, withoutNames(encoding)]];
    }),
  );
  return { examples, ...Object.fromEntries(fields.flat()), inputFields, targetFields };
}

/** The names of classes change nothing of what is learned. */
function withoutNames(encoding: Encoding): unknown {
  if (encoding.kind === "windows") return { ...encoding, elements: withoutNames(encoding.elements) };
  return encoding.kind === "classes" ? { kind: encoding.kind } : encoding;
}
