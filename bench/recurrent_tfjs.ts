/** A recurrent layer's training step in TensorFlow.js, for comparison. */
import * as tf from "@tensorflow/tfjs-core";
// The layers package is what registers gradients under Deno.
import "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-backend-webgpu";
import type { Peer } from "./peer.ts";
import { BATCH, CHARACTERS, type Kind, recurrentShapes, STEPS, tokenAt, UNITS } from "./recurrent_step.ts";

/** Opens it on a backend with the weights and one batch of sequences. Input products are made for all steps at once. */
export async function recurrentTfjs(kind: Kind, backend: "wasm" | "webgpu"): Promise<Peer> {
  if (tf.getBackend() !== backend && !await tf.setBackend(backend)) {
    throw new Error(`Cannot open TensorFlow.js on ${backend}`);
  }
  await tf.ready();
  const rows = STEPS * BATCH;
  const { embedding, inputs, states, bias, output, outputBias } = Object.fromEntries(
    Object.entries(recurrentShapes(kind)).map(([name, shape]) => {
      const limit = shape.length === 1 ? 0 : Math.sqrt(6 / (shape[0] + shape[1]));
      return [name, tf.variable(tf.randomUniform([...shape], -limit, limit))];
    }),
  );
  const tokens = (later: number) =>
    tf.oneHot(
      tf.tensor1d(Int32Array.from({ length: rows }, (_, i) => tokenAt(i + later * BATCH)), "int32"),
      CHARACTERS,
    ) as tf.Tensor2D;
  const [from, to] = [tokens(0), tokens(1)];
  const optimizer = tf.train.sgd(0.1);
  const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);
  type State = { h: tf.Tensor; c?: tf.Tensor };
  const cell = (fromInput: tf.Tensor, fromState: tf.Tensor, { h, c }: State): State => {
    if (kind === "rnn") return { h: tf.tanh(tf.add(fromInput, fromState)) };
    if (kind === "lstm") {
      const [i, f, g, o] = tf.split(tf.add(fromInput, fromState), 4, 1);
      const next = tf.add(tf.mul(tf.sigmoid(f), c!), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      return { h: tf.mul(tf.sigmoid(o), tf.tanh(next)), c: next };
    }
    const [xr, xz, xn] = tf.split(fromInput, 3, 1);
    const [hr, hz, hn] = tf.split(fromState, 3, 1);
    const made = tf.tanh(tf.add(xn, tf.mul(tf.sigmoid(tf.add(xr, hr)), hn)));
    return { h: tf.add(made, tf.mul(tf.sigmoid(tf.add(xz, hz)), tf.sub(h, made))) };
  };
  const loss = () => {
    const all = tf.add(product(product(from, embedding), inputs), bias);
    const kept: tf.Tensor[] = [];
    let state: State = { h: tf.zeros([BATCH, UNITS]), c: tf.zeros([BATCH, UNITS]) };
    for (const fromInput of tf.split(all, STEPS, 0)) {
      state = cell(fromInput, product(state.h, states), state);
      kept.push(state.h);
    }
    const logits = tf.add(product(tf.concat(kept, 0), output), outputBias);
    return tf.losses.softmaxCrossEntropy(to, logits) as tf.Scalar;
  };
  return {
    name: `TensorFlow.js ${tf.version_core}, ${backend}${backend === "wasm" ? ", 1 thread" : ""}`,
    run: async (steps) => {
      for (let i = 1; i < steps; i++) optimizer.minimize(loss);
      const last = optimizer.minimize(loss, true)!;
      const [number] = await last.data();
      last.dispose();
      return number;
    },
    close: () => {
      tf.dispose([from, to]);
      tf.disposeVariables();
    },
  };
}
