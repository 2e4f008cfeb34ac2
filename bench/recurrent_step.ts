/** A recurrent layer's training step: characters in, characters out, through `scan`. */
import {
  add,
  gather,
  matmul,
  mean,
  mul,
  reshape,
  sigmoid,
  slice,
  softmaxCrossEntropy,
  sub,
  tanh,
  zeros,
} from "../ops/mod.ts";
import { type Device, grad, ndarray, type Program, program, scan, State, type Tensor } from "../mod.ts";
import { initialValues } from "../models/mod.ts";

/** The size that recurrent layers are measured at: sequences, their characters, units, kinds of characters. */
export const [BATCH, STEPS, UNITS, CHARACTERS] = [32, 64, 256, 65] as const;
/** The layers that are measured. */
export const kinds = ["rnn", "gru"] as const;
/** One of them. */
export type Kind = typeof kinds[number];

/** The weights of such a net. */
export function recurrentShapes(kind: Kind): Record<string, readonly number[]> {
  const wide = (kind === "gru" ? 3 : 1) * UNITS;
  return {
    embedding: [CHARACTERS, UNITS],
    inputs: [UNITS, wide],
    states: [UNITS, wide],
    bias: [wide],
    output: [UNITS, CHARACTERS],
    outputBias: [CHARACTERS],
  };
}

/** The character at a place of the sequences, `[steps + 1, batch]`. */
export const tokenAt = (place: number): number => (place * 7919) % CHARACTERS;

/** The next state, from the input's product and the state's. */
function cell(kind: Kind, fromInput: Tensor, fromState: Tensor, h: Tensor): Tensor {
  if (kind === "rnn") return tanh(add(fromInput, fromState));
  const part = (x: Tensor, i: number) => slice(x, [0, i * UNITS], [BATCH, UNITS]);
  const gate = (i: number) => sigmoid(add(part(fromInput, i), part(fromState, i)));
  const made = tanh(add(part(fromInput, 2), mul(gate(0), part(fromState, 2))));
  return add(made, mul(gate(1), sub(h, made)));
}

/** A step of gradient descent on one batch of sequences, compiled. */
export async function trainStep(kind: Kind, device: Device): Promise<Program<never, "loss">> {
  const shapes = recurrentShapes(kind);
  const weights = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], i) => [
      name,
      ndarray("float32", shape, initialValues("glorotUniform", shape, 0, i)),
    ]),
  );
  const tokens = ndarray(
    "int32",
    [STEPS + 1, BATCH],
    Int32Array.from({ length: (STEPS + 1) * BATCH }, (_, i) => tokenAt(i)),
  );
  const state = new State(device, { ...weights, tokens });
  return await program((s: Record<string, Tensor>) => {
    const [from, to] = [0, 1].map((first) => slice(s.tokens, [first, 0], [STEPS, BATCH]));
    const { ys } = scan(({ h }, { x }) => {
      const next = cell(kind, add(matmul(x, s.inputs), s.bias), matmul(h, s.states), h);
      return { carry: { h: next }, ys: { h: next } };
    }, { carry: { h: zeros([BATCH, UNITS]) }, xs: { x: gather(s.embedding, from) } });
    const rows = STEPS * BATCH;
    const logits = add(matmul(reshape(ys.h, [rows, UNITS]), s.output), s.outputBias);
    const loss = mean(softmaxCrossEntropy(logits, reshape(to, [rows])));
    const names = Object.keys(shapes);
    const gradients = grad(loss, names.map((name) => s[name]));
    return {
      state: Object.fromEntries(names.map((name, i) => [name, sub(s[name], mul(gradients[i], 0.1))])),
      outputs: { loss },
    };
  }, { device, state });
}
