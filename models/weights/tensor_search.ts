/** The tensors of a file that a model's weights are made of, by the names that a layout and a map give them. */
import type { NdArray } from "../../engine/array.ts";
import { formatShape, sameShape, type Shape } from "../../engine/shape.ts";
import type { Safetensors } from "../../formats/safetensors/safetensors.ts";
import type { PlacedLayer } from "../graph/model_graph.ts";
import type { WeightSpec } from "../layer.ts";
import type { Layout, Part, Way } from "./layout.ts";

/** Names of layers and weights to those of modules and tensors. */
export type NameMap = Readonly<Record<string, string>> | ((layer: string) => string | undefined);

/** A weight and its tensors, or why there is none; of a layer that is left out, nothing is missing. */
export type Found = { value: NdArray; tensors: string[] } | { wrong: string } | { missing: string };

/** Looks for weights in a file. */
export class TensorSearch {
  readonly #file: Safetensors;
  readonly #layout: Layout;
  readonly #map: NameMap;
  /** The tensors that belong to a weight, right or wrong. */
  readonly seen: Set<string> = new Set();

  constructor(file: Safetensors, layout: Layout, map: NameMap) {
    this.#file = file;
    this.#layout = layout;
    this.#map = map;
  }

  /** The weight of a layer. */
  weight({ layer, name }: PlacedLayer, spec: WeightSpec): Found {
    const ways = this.#layout.ways(layer, spec);
    const map = this.#map;
    const full = `${name}/${spec.name}`;
    if (typeof map !== "function" && Object.hasOwn(map, full)) {
      return this.#named(map[full], ways, spec.shape);
    }
    const module = this.#moduleOf(name);
    if (module === undefined) return { missing: "" };
    const pattern = module.includes("*") ? module : `${module}${module && this.#layout.separator}*`;
    const namesOf = (way: Way) =>
      way.map((part) => pattern.replace("*", () => part.name) + (part.ending ?? ""));
    const isThere = (tensor: string) => Object.hasOwn(this.#file.tensors, tensor);
    const way = ways.find((way) => namesOf(way).every(isThere));
    if (!way) return { missing: namesOf(ways[0]).filter((tensor) => !isThere(tensor)).join(" and ") };
    return this.#made(way, namesOf(way), spec.shape);
  }

  /** What a layer is called in the file; undefined where a map leaves it out. */
  #moduleOf(layer: string): string | undefined {
    const map = this.#map;
    if (typeof map !== "function") return Object.hasOwn(map, layer) ? map[layer] : layer;
    const module: unknown = map(layer);
    if (module === undefined || typeof module === "string") return module;
    throw new TypeError(
      `Cannot import weights of layer ${layer} from ${String(module)}: map has to give a name, or nothing`,
    );
  }

  /** A weight that is made of one tensor, whatever that is called. */
  #named(tensor: string, ways: readonly Way[], weight: Shape): Found {
    if (!Object.hasOwn(this.#file.tensors, tensor)) return { missing: tensor };
    const single = ways.filter((way) => way.length === 1);
    const { shape } = this.#file.tensors[tensor];
    const way = single.find(([part]) => sameShape(part.shape, shape)) ?? single.at(-1);
    return way ? this.#made(way, [tensor], weight) : {
      wrong: `the sum of several tensors, and not ${tensor} alone: a layer can be named, and not this weight`,
    };
  }

  #made(way: Way, tensors: string[], shape: Shape): Found {
    for (const name of tensors) this.seen.add(name);
    const parts = way.map((part, i) => this.#part(part, tensors[i]));
    const wrong = parts.find((part) => typeof part === "string");
    if (wrong !== undefined) return { wrong };
    const [first, ...others] = parts as Float32Array[];
    const data = others.reduce((sum, part) => sum.map((value, i) => value + part[i]), first);
    return { value: { dtype: "float32", shape, data }, tensors: [...new Set(tensors)] };
  }

  /** What a part gives, or what is wrong with it. */
  #part({ shape, take }: Part, name: string): Float32Array | string {
    const { dtype, shape: own, data } = this.#file.tensors[name];
    if (!sameShape(shape, own)) {
      return `${name} ${formatShape(own)}, which would have to be ${formatShape(shape)}`;
    }
    if (dtype !== "float32" && dtype !== "float16") return `${name}, which is ${dtype}`;
    return take(Float32Array.from(data));
  }
}
