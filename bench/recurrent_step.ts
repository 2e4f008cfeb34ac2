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
  type Tensors,
  zeros,
} from "../ops/mod.ts";
import { type Device, grad, ndarray, type Program, program, scan, State, type Tensor } from "../mod.ts";
import { initialValues } from "../models/mod.ts";

/** The size that recurrent layers are measured at: sequences, their characters, units, kinds of characters. */
export const [BATCH, STEPS, UNITS, CHARACTERS] = [32, 64, 256, 65] as const;
/** The layers that are measured. */
export const kinds = ["rnn", "gru", "lstm"] as const;
/** One of them. */
export type Kind = typeof kinds[number];

/** How many numbers of a place its gates and candidates are for each unit. */
const gatesOf = { rnn: 1, gru: 3, lstm: 4 };

/** The weights of such a net. */
export function recurrentShapes(kind: Kind): Record<string, readonly number[]> {
  const wide = gatesOf[kind] * UNITS;
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

/** The next state, from the input's product and the state's; an LSTM has a second one. */
function cell(kind: Kind, fromInput: Tensor, fromState: Tensor, { h, c }: Tensors): Tensors {
  if (kind === "rnn") return { h: tanh(add(fromInput, fromState)) };
  const part = (x: Tensor, i: number) => slice(x, [0, i * UNITS], [BATCH, UNITS]);
  if (kind === "lstm") {
    const sum = add(fromInput, fromState);
    const next = add(mul(sigmoid(part(sum, 1)), c), mul(sigmoid(part(sum, 0)), tanh(part(sum, 2))));
    return { h: mul(sigmoid(part(sum, 3)), tanh(next)), c: next };
  }
  const gate = (i: number) => sigmoid(add(part(fromInput, i), part(fromState, i)));
  const made = tanh(add(part(fromInput, 2), mul(gate(0), part(fromState, 2))));
  return { h: add(made, mul(gate(1), sub(h, made))) };
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
    const first = zeros([BATCH, UNITS]);
    const { ys } = scan((state: Tensors, { x }: Tensors) => {
      const next = cell(kind, add(matmul(x, s.inputs), s.bias), matmul(state.h, s.states), state);
      return { carry: next, ys: { h: next.h } };
    }, {
      carry: kind === "lstm" ? { h: first, c: first } : { h: first },
      xs: { x: gather(s.embedding, from) },
    });
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
