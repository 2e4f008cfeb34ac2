/** Tensors by their names, as steps get them. */
import type { Tensor } from "../../engine/tensor.ts";

/** The same record, which says what there is when it is asked for something else. */
export function namedTensors(
  what: string,
  tensors: Readonly<Record<string, Tensor>>,
): Readonly<Record<string, Tensor>> {
  return new Proxy(tensors, {
    get(target, name) {
      if (typeof name === "symbol" || Object.hasOwn(target, name)) return Reflect.get(target, name);
      throw new RangeError(`Cannot use ${what} "${name}": there are ${Object.keys(target).join(", ")}`);
    },
  });
}
