/** What tells two traced steps apart: a hash of all ops, options and constants, and of how they hang together. */
import { topological } from "../../engine/graph/graph.ts";
import { Tensor } from "../../engine/tensor.ts";
import { sha256 } from "../../data/fingerprint.ts";

/**
 * The same for graphs that compute the same in the same way; names of tensors and the order of tracing do not count.
 *
 * @param given What the graph is given, by name: how that comes about does not count.
 */
export async function fingerprintGraph(
  roots: readonly Tensor[],
  given: ReadonlyMap<Tensor, string>,
): Promise<string> {
  const lines: (string | Promise<string>)[] = [];
  const places = new Map<Tensor, number>();
  const describe = (tensors: readonly Tensor[]) => {
    for (const tensor of topological(tensors, (each) => places.has(each) || given.has(each))) {
      if (places.has(tensor)) continue;
      const name = given.get(tensor);
      // What a loop repeats is in its options.
      if (name === undefined) describe(tensorsIn(tensor.attrs));
      places.set(tensor, places.size);
      const inputs = tensor.inputs.map((input) => places.get(input));
      const type = `${tensor.dtype} [${tensor.shape}]`;
      if (name !== undefined) lines.push(`${type} is ${name}`);
      else lines.push(`${type} is ${tensor.op.name} of [${inputs}]`, textOf(tensor.attrs));
    }
  };
  /** Options as text; what is neither plain nor a tensor is named by what it is. */
  const textOf = (value: unknown): string | Promise<string> => {
    if (value instanceof Tensor) return `tensor ${places.get(value)}`;
    if (ArrayBuffer.isView(value)) {
      return sha256(new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength));
    }
    if (Array.isArray(value)) return joined(value.map((each) => textOf(each)), "[]");
    if (typeof value !== "object" || value === null) {
      return typeof value === "function" ? "function" : Object.is(value, -0) ? "-0" : String(value);
    }
    if (Object.getPrototypeOf(value) !== Object.prototype) return value.constructor?.name ?? "object";
    return joined(Object.entries(value).flatMap(([key, each]) => [key, textOf(each)]), "{}");
  };
  describe(roots);
  lines.push(`roots ${roots.map((root) => places.get(root))}`);
  return await sha256(new TextEncoder().encode((await Promise.all(lines)).join("\n")));
}

const joined = (parts: readonly (string | Promise<string>)[], [open, close]: string) => {
  const join = (texts: readonly string[]) => `${open}${texts.join(" ")}${close}`;
  return parts.every((part) => typeof part === "string")
    ? join(parts)
    : Promise.all(parts).then((texts) => join(texts));
};

/** Tensors among the options of an op, in their order. */
function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (Array.isArray(value)) return value.flatMap((each) => tensorsIn(each));
  const isPlain = typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? Object.values(value).flatMap((each) => tensorsIn(each)) : [];
}
