/** Programs with loops that tests run on several devices. */
import { compileProgram } from "../../engine/compile_program.ts";
import type { Device } from "../../engine/device.ts";
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import { drawInputs } from "../check_op.ts";

/** Tensors by name. */
export type Outputs = Record<string, Tensor>;

/** A gated net whose lengths differ within the batch, and its gradients. */
export function gatedNet([x, w, h, lengths]: Tensor[], reverse: boolean): Outputs {
  const [, units] = h.shape;
  const { carry, ys } = g.scan(({ h }, { x }, t) => {
    const made = g.matmul(h, w);
    const part = (i: number) => g.slice(made, [0, i * units], h.shape);
    const gate = g.sigmoid(g.add(part(0), x));
    const next = g.add(g.mul(gate, h), g.mul(g.sub(1, gate), g.tanh(g.add(part(1), x))));
    const kept = g.where(g.less(g.cast(t, "float32"), lengths), next, h);
    return { carry: { h: kept }, ys: { kept } };
  }, { carry: { h }, xs: { x }, reverse });
  const loss = g.add(g.mean(g.square(ys.kept)), g.sum(carry.h));
  const gradients = g.grad(loss, [x, w, h]);
  return { last: carry.h, kept: ys.kept, ...Object.fromEntries(gradients.map((t, i) => [`g${i}`, t])) };
}

/** What a function of drawn arrays gives on a device when it has run before, and the plan as text. */
export async function results(
  device: Device,
  shapes: readonly number[][],
  trace: (given: Tensor[]) => Outputs,
) {
  const arrays = drawInputs(shapes.map((shape) => ({ shape })));
  const inputs = Object.fromEntries(arrays.map((a, i) => [`x${i}`, a]));
  const program = await compileProgram(
    (_state, given: Record<string, Tensor>) => ({ outputs: trace(arrays.map((_, i) => given[`x${i}`])) }),
    { device, inputs },
  );
  program.run({ inputs, times: 2 });
  const values = await program.call(inputs);
  const text = program.explain();
  program.close();
  return { values, text };
}
