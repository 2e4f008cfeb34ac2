/** A recurrent layer's training step in jax-js, for comparison. */
import { type Array, defaultDevice, init, jit, nn, numpy as np, random, valueAndGrad } from "@jax-js/jax";
import type { Peer } from "./peer.ts";
import { BATCH, CHARACTERS, type Kind, recurrentShapes, STEPS, tokenAt, UNITS } from "./recurrent_step.ts";

/** Opens it on a device with the weights and one batch of sequences. Input products are made for all steps at once. */
export async function recurrentJax(kind: Kind, device: "webgpu" | "wasm"): Promise<Peer> {
  await init(device);
  defaultDevice(device);
  const rows = STEPS * BATCH;
  const wide = recurrentShapes(kind).bias[0];
  let weights = Object.values(recurrentShapes(kind)).map((shape, seed) => {
    const limit = shape.length === 1 ? 0 : Math.sqrt(6 / (shape[0] + shape[1]));
    return random.uniform(random.key(seed), [...shape]).mul(2 * limit).sub(limit);
  });
  const tokens = (later: number) =>
    nn.oneHot(
      np.array(Int32Array.from({ length: rows }, (_, i) => tokenAt(i + later * BATCH))),
      CHARACTERS,
    );
  const [from, to] = [tokens(0), tokens(1)];
  type State = { h: Array; c?: Array };
  const cell = (fromInput: Array, fromState: Array, { h, c }: State): State => {
    if (kind !== "gru") h.dispose();
    if (kind === "rnn") return { h: np.tanh(fromInput.add(fromState)) };
    if (kind === "lstm") {
      const [i, f, g, o] = np.split(fromInput.add(fromState), 4, 1);
      const next = nn.sigmoid(f).mul(c!).add(nn.sigmoid(i).mul(np.tanh(g)));
      return { h: nn.sigmoid(o).mul(np.tanh(next.ref)), c: next };
    }
    const [xr, xz, xn] = np.split(fromInput, 3, 1);
    const [hr, hz, hn] = np.split(fromState, 3, 1);
    const made = np.tanh(xn.add(nn.sigmoid(xr.add(hr)).mul(hn)));
    return { h: made.ref.add(nn.sigmoid(xz.add(hz)).mul(h.sub(made))) };
  };
  const loss = (weights: Array[], from: Array, to: Array): Array => {
    const [embedding, inputs, states, bias, output, outputBias] = weights;
    const all = np.dot(np.dot(from, embedding), inputs).add(bias.reshape([1, wide]));
    const kept: Array[] = [];
    let state: State = { h: np.zeros([BATCH, UNITS]), ...kind === "lstm" && { c: np.zeros([BATCH, UNITS]) } };
    for (const fromInput of np.split(all, STEPS, 0)) {
      state = cell(fromInput, np.dot(state.h.ref, states.ref), state);
      kept.push(state.h.ref);
    }
    state.h.dispose();
    state.c?.dispose();
    states.dispose();
    const logits = np.dot(np.concatenate(kept, 0), output).add(outputBias);
    return nn.logSoftmax(logits).mul(to).sum().mul(-1 / rows);
  };
  const step = jit((weights: Array[], from: Array, to: Array) => {
    const [value, gradients] = valueAndGrad(loss)(weights.map((w) => w.ref), from, to) as [Array, Array[]];
    return [value, weights.map((w, i) => w.sub(gradients[i].mul(0.1)))] as const;
  });
  return {
    name: `jax-js, ${device}`,
    run: async (steps) => {
      let last: Array | undefined;
      for (let i = 0; i < steps; i++) {
        last?.dispose();
        const [value, next] = step(weights, from.ref, to.ref);
        weights = next as Array[];
        last = value as Array;
      }
      const [loss] = await last!.data();
      // Arrays are computed when they are needed: the last step is done when what it changed is there, too.
      for (const weight of weights) await weight.ref.data();
      return loss;
    },
    close: () => {
      for (const array of [...weights, from, to]) array.dispose();
      step.dispose();
    },
  };
}
