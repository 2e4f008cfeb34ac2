/** A network's training step for the clock, of public ops alone. */
import {
  type Device,
  type NdArray,
  ndarray,
  ops,
  type Program,
  program,
  type Shape,
  State,
  type Tensor,
} from "../mod.ts";
import { initialValues } from "../models/mod.ts";
import type { Optimizer } from "../training/mod.ts";

/** A network's step, compiled, and what it takes in. */
export interface NetStep {
  readonly step: Program<never, "loss">;
  /** Parameters that are trained. */
  readonly parameters: number;
  /** How many of its unit a step goes through. */
  readonly items: number;
  readonly unit: string;
}

/** What a network computes its loss from. */
export interface Given {
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly data: Readonly<Record<string, Tensor>>;
  /** Running statistics; what they become is put in their place. */
  readonly statistics: Record<string, Tensor>;
}

/** A network and how it is trained. */
export interface Net {
  readonly weights: Readonly<Record<string, Shape>>;
  readonly statistics?: Readonly<Record<string, Shape>>;
  readonly data: Readonly<Record<string, NdArray>>;
  readonly optimizer: Optimizer;
  readonly rate: number;
  /** How many of its unit a step goes through. */
  readonly items: number;
  readonly unit: string;
  loss(given: Given): Tensor;
}

/** What weights begin with: scales one, other vectors zero, all else by how much it joins. */
function firstValues(name: string, shape: Shape, stream: number): Float32Array {
  if (shape.length > 1) return initialValues("heNormal", shape, 0, stream);
  return new Float32Array(shape[0] ?? 1).fill(name.endsWith("scale") ? 1 : 0);
}

/** Its step, compiled. Parameters are one block, as `fit` has them: the optimizer is one kernel. */
export async function netStep(device: Device, net: Net): Promise<NetStep> {
  const names = Object.keys(net.weights);
  const layout = ops.packLayout(names.map((name) => net.weights[name]));
  const first = new Float32Array(layout.size);
  names.forEach((name, i) => first.set(firstValues(name, net.weights[name], i), layout.offsets[i]));
  const kept = Object.keys(net.statistics ?? {});
  const keptLayout = ops.packLayout(kept.map((name) => net.statistics![name]));
  const block = (values: Float32Array<ArrayBuffer>) => ndarray("float32", [values.length], values);
  const slots = net.optimizer.slots.map((name) => [name, block(new Float32Array(layout.size))] as const);
  const values: Record<string, NdArray> = {
    ...net.data,
    ...Object.fromEntries(slots),
    weights: block(first),
    step: ndarray("float32", [], Float32Array.of(0)),
  };
  if (kept.length > 0) values.statistics = block(new Float32Array(keptLayout.size));
  const state = new State(device, values);
  const step = await program((s: Record<string, Tensor>) => {
    const weights = ops.unpack(s.weights, layout);
    const parts = kept.length > 0 ? ops.unpack(s.statistics, keptLayout) : [];
    const statistics = Object.fromEntries(kept.map((name, i) => [name, parts[i]]));
    const loss = net.loss({
      weights: Object.fromEntries(names.map((name, i) => [name, weights[i]])),
      data: s,
      statistics,
    });
    const step = ops.add(s.step, 1);
    const updated = net.optimizer.update({
      weights: s.weights,
      gradient: ops.pack(ops.grad(loss, weights)),
      slots: Object.fromEntries(net.optimizer.slots.map((name) => [name, s[name]])),
      step,
      learningRate: ops.tensor(net.rate),
    });
    return {
      state: {
        step,
        weights: updated.weights,
        ...updated.slots,
        ...(kept.length > 0 && { statistics: ops.pack(kept.map((name) => statistics[name])) }),
      },
      outputs: { loss },
    };
  }, { device, state });
  return { step, parameters: elements(net.weights), items: net.items, unit: net.unit };
}

const elements = (shapes: Readonly<Record<string, Shape>>) =>
  Object.values(shapes).reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0);
