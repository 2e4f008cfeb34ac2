/** A recurrent layer's training step beside PyTorch: characters in, characters out, through `scan`. */
import {
  add,
  cpuDevice,
  type Device,
  gather,
  grad,
  initialValues,
  matmul,
  mean,
  mul,
  ndarray,
  type Program,
  program,
  reshape,
  scan,
  sigmoid,
  slice,
  softmaxCrossEntropy,
  State,
  sub,
  tanh,
  type Tensor,
  webgpuDevice,
  zeros,
} from "../mod.ts";
import { deviceOption, jsonOption, roundsOption, runBench } from "./bench_options.ts";
import { machine, median, timed } from "./machine.ts";
import { Torch } from "./peers_torch.ts";

const [BATCH, STEPS, UNITS, CHARACTERS] = [32, 64, 256, 65];
const kinds = ["rnn", "gru"] as const;
type Kind = typeof kinds[number];

/** The next state, from the input's product and the state's. */
function cell(kind: Kind, fromInput: Tensor, fromState: Tensor, h: Tensor): Tensor {
  if (kind === "rnn") return tanh(add(fromInput, fromState));
  const part = (x: Tensor, i: number) => slice(x, [0, i * UNITS], [BATCH, UNITS]);
  const gate = (i: number) => sigmoid(add(part(fromInput, i), part(fromState, i)));
  const made = tanh(add(part(fromInput, 2), mul(gate(0), part(fromState, 2))));
  return add(made, mul(gate(1), sub(h, made)));
}

/** A step of gradient descent on one batch of sequences, compiled. */
async function trainStep(kind: Kind, device: Device): Promise<Program<never, "loss">> {
  const wide = (kind === "gru" ? 3 : 1) * UNITS;
  const shapes = {
    embedding: [CHARACTERS, UNITS],
    inputs: [UNITS, wide],
    states: [UNITS, wide],
    bias: [wide],
    output: [UNITS, CHARACTERS],
    outputBias: [CHARACTERS],
  };
  const weights = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], i) => [
      name,
      ndarray("float32", shape, initialValues("glorotUniform", shape, 0, i)),
    ]),
  );
  const tokens = ndarray(
    "int32",
    [STEPS + 1, BATCH],
    Int32Array.from({ length: (STEPS + 1) * BATCH }, (_, i) => (i * 7919) % CHARACTERS),
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

/** Something that is measured: milliseconds of a step. */
interface Runner {
  readonly name: string;
  readonly compile?: number;
  run(steps: number): Promise<number>;
  readonly times: number[];
}

await runBench({
  call: "deno task bench:recurrent",
  summary:
    `Measures a training step of recurrent layers of ${UNITS} units on ${BATCH} sequences of ${STEPS} characters, in Gesso\n` +
    "and in PyTorch with one thread and with all, in turn.",
  options: [{ ...deviceOption, default: "cpu" }, roundsOption, jsonOption],
}, async (values) => {
  const rounds = values.number("rounds")!;
  const device = values.text("device") === "webgpu" ? await webgpuDevice() : cpuDevice();
  const torches: Torch[] = [];
  for (const threads of new Set([1, navigator.hardwareConcurrency])) {
    const torch = await Torch.open(BATCH, threads);
    if (torch && await torch.product() >= 20) torches.push(torch);
    else console.error("PyTorch is left out: there is none, or its BLAS is slow (libopenblas0-pthread)");
  }
  const results: Record<string, unknown>[] = [];
  console.log(`${machine()}; median of ${rounds} rounds in turn`);
  for (const kind of kinds) {
    const begin = performance.now();
    const step = await trainStep(kind, device);
    const compile = performance.now() - begin;
    const runners: Runner[] = [
      {
        name: `Gesso, ${device.description}`,
        compile,
        run: (steps) =>
          timed(async () => {
            step.run({ times: steps });
            await step.read("loss");
          }),
        times: [],
      },
      ...torches.map((torch): Runner => ({
        name: torch.name,
        run: (steps) => torch.steps(kind, steps),
        times: [],
      })),
    ];
    for (const { run } of runners) await run(3);
    for (let round = 0; round < rounds; round++) {
      for (const { run, times } of runners) times.push(1000 * await run(20) / 20);
    }
    for (const { name, compile, times } of runners) {
      const more = compile === undefined ? "" : `, compiled in ${compile.toFixed(0)} ms`;
      console.log(`${kind}  ${median(times).toFixed(1).padStart(7)} ms a step  ${name}${more}`);
      results.push({ kind, name, compile, milliseconds: median(times), times });
    }
  }
  const file = values.text("json");
  if (!file) return;
  const record = { date: new Date().toISOString(), machine: machine(), rounds, results };
  await Deno.writeTextFile(file, JSON.stringify(record, undefined, 2) + "\n");
});
