import { assert, assertEquals, assertRejects } from "@std/assert";
import { cpuDevice } from "../../../devices/cpu/cpu_device.ts";
import { Dataset } from "../../../data/dataset.ts";
import { ndarray, type TypedArray } from "../../../engine/array.ts";
import { FormatError } from "../../../formats/format_error.ts";
import { bestWeights } from "../../../training/callbacks/best_weights.ts";
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from "../../../training/checkpoints/checkpoint.ts";
import { fit, type FitOptions } from "../../../training/fit/fit.ts";
import { adam } from "../../../training/optimizers/optimizers.ts";
import { temporary } from "../../data/temporary.ts";
import { everyDevice } from "../../devices.ts";
import { linearData, linearModel, numbers } from "../linear_regression.ts";

const device = cpuDevice({ threads: 1 });
const [data, validation] = [linearData(12), linearData(20).slice(12)];
const options = {
  epochs: 4,
  batchSize: 4,
  optimizer: adam(0.1),
  validation,
  device,
} satisfies FitOptions;
const callbacks = () => [bestWeights()];

/** The checkpoint after two epochs, and the one in the middle of the third. */
async function checkpoints(): Promise<[Checkpoint, Checkpoint]> {
  let [end, middle]: (Checkpoint | undefined)[] = [];
  await fit(linearModel(), data, {
    ...options,
    callbacks: [...callbacks(), {
      onEpoch: async (record, run) => record.epoch === 2 ? void (end = await run.checkpoint()) : undefined,
      onProgress: async ({ epoch, step }, run) => {
        if (epoch === 1 && step < 3) middle = await run.checkpoint();
      },
    }],
  });
  return [end!, middle!];
}
const [end, middle] = await checkpoints();

const goOn = (resume: unknown, other: FitOptions = {}, trained: Dataset = data) =>
  fit(linearModel(), trained, { ...options, callbacks: callbacks(), ...other, resume: resume as Checkpoint });

/** The same without what tells that it was changed: what is left has to agree with itself. */
const unsealed = ({ checksum: _, ...rest }: Checkpoint): Checkpoint => rest;

Deno.test("other data of the same size is refused: inputs, targets, scale, and those of the validation data", async () => {
  const change = ({ inputs, targets }: Dataset, which: "inputs" | "targets") => {
    const [a, b] = [inputs, targets].map(({ dtype, shape, data }) => ndarray(dtype, shape, data.slice()));
    const changed = which === "inputs" ? a.data : b.data;
    changed[changed.length - 1] += 1e-6;
    return new Dataset({ inputs: a, targets: b });
  };
  await goOn(end);
  await goOn(
    end,
    {},
    new Dataset({ inputs: data.inputs, targets: data.targets, name: "the same under another name" }),
  );
  for (const which of ["inputs", "targets"] as const) {
    await assertRejects(
      () => goOn(end, {}, change(data, which)),
      RangeError,
      `checkpoint: field ${which} is `,
    );
    await assertRejects(
      () => goOn(end, { validation: change(validation, which) }),
      RangeError,
      "validation is ",
    );
  }
  await assertRejects(() => goOn(end, { validation: undefined }), RangeError, "validation is ");
});

Deno.test("bytes of another scale are other data", async () => {
  const bytes = (scale: number) =>
    new Dataset({
      inputs: ndarray("uint8", [12, 3], numbers(36, 5).map((x) => Math.round(100 + 100 * x))),
      targets: data.targets,
      scale,
    });
  let resume: Checkpoint | undefined;
  const keep = {
    onEpoch: async (_r: unknown, run: { checkpoint(): Promise<Checkpoint> }) =>
      void (resume ??= await run.checkpoint()),
  };
  await fit(linearModel(), bytes(0.01), { epochs: 2, device, callbacks: [keep] });
  await fit(linearModel(), bytes(0.01), { epochs: 2, device, resume });
  await assertRejects(
    () => fit(linearModel(), bytes(0.011), { epochs: 2, device, resume }),
    RangeError,
    `encoding of inputs is {"kind":"numbers","scale":0.01,"offset":0} instead of`,
  );
});

for (const { name, device } of everyDevice.filter((d) => d.device.kind !== "cpu")) {
  Deno.test(`a run is not gone on with on another kind of device: ${name}`, async () => {
    await assertRejects(() => goOn(end, { device }), RangeError, "device is ");
  });
}

Deno.test("the number of threads is no part of a run", async () => {
  const device = cpuDevice({ threads: 2 });
  await goOn(end, { device });
  device.close();
});

const { step: count } = end.tensors;
const broken: unknown[] = [
  { ...end, tensors: { ...end.tensors, step: 6 } },
  { ...end, tensors: { ...end.tensors, step: { ...count, shape: "[]" } } },
  { ...end, tensors: { ...end.tensors, step: { ...count, shape: [2] } } },
  { ...end, tensors: { ...end.tensors, step: { ...count, data: [6] } } },
  { ...end, callbacks: {} },
  { ...end, callbacks: [7] },
  { ...end, callbacks: [{ ...end.callbacks![0], tensors: { a: 1 } }] },
  { ...end, isEnded: "no" },
  { ...end, checksum: 5 },
];

Deno.test("what is no checkpoint is not saved either", async () => {
  await using folder = await temporary();
  for (const wrong of [{}, ...broken]) {
    const path = `${folder.path}/checkpoint`;
    await assertRejects(
      () => saveCheckpoint(wrong as Checkpoint, path),
      TypeError,
      `Cannot save a checkpoint to ${path}: `,
    );
  }
});

Deno.test("what is no checkpoint is refused with a sentence", async () => {
  for (
    const wrong of [{}, null, "runs/001", 7, [], { run: {} }, { ...end, history: "none" }, {
      ...end,
      tensors: undefined,
    }]
  ) {
    const error = await assertRejects(() => goOn(wrong), TypeError, "resume takes a checkpoint");
    assert(error.message.startsWith("Cannot go on from "), error.message);
  }
});

Deno.test("a checkpoint that does not agree with itself is refused with the reason, also without its checksum", async () => {
  const record = end.history[1];
  const number = (checkpoint: Checkpoint, name: string, value: number) => {
    const { dtype, shape, data } = checkpoint.tensors[name];
    const changed = data.slice() as TypedArray;
    changed[0] = value;
    return { ...checkpoint, tensors: { ...checkpoint.tensors, [name]: ndarray(dtype, shape, changed) } };
  };
  const wrong: [Partial<Checkpoint> | Checkpoint, string][] = [
    [{ step: 7 }, "its step is 6 instead of 7"],
    [{ step: 5 }, "it is after step 5, and its history ends with epoch 2"],
    [{ step: 9 }, "its step is 6 instead of 9"],
    [{ step: 1e9 }, "step 1000000000 of 12"],
    [{ step: -1 }, "step -1"],
    [{ step: 6.5 }, "step 6.5"],
    [{ step: NaN }, "step NaN"],
    [{ history: ["a", "b"] as never }, "record 1 is not an object"],
    [{ history: [record, record] }, "record 1 is of epoch 2"],
    [{ history: end.history.slice(0, 1) }, "seen 2 epochs of 1"],
    [{ history: [...end.history, { ...record, epoch: 3 }] }, "its history ends with epoch 3"],
    [{ history: [end.history[0], { ...record, loss: "low" as never }] }, "loss of record 2 is not a number"],
    [{ history: [end.history[0], { ...record, loss: record.loss + 1e-9 }] }, "its loss of epoch 2 is "],
    [
      { history: end.history.map(({ validationLoss: _, ...r }) => r) },
      "its history has loss, the run has loss, validationLoss",
    ],
    [{ history: [end.history[0], { ...record, colour: 3 } as never] }, "colour"],
    [{ run: { ...end.run, seed: 1 } }, "seed is 1 instead of 0"],
    [{ run: {} }, "is undefined instead of"],
    [{ callbacks: [] }, "nothing of the callback bestWeights(validationLoss)"],
    [{ callbacks: [...end.callbacks!, ...end.callbacks!] }, "has a callback bestWeights"],
    [{ callbacks: [{ ...end.callbacks![0], epochs: 0 }] }, "seen 0 epochs of 2"],
    [{ tensors: { ...end.tensors, more: end.tensors.step } }, "it has more, which the run has not"],
    [number(end, "step", 7), "its step is 7 instead of 6"],
    [number(end, "seed", 7), "its seed is 7 instead of 0"],
    [number(end, "firstBad", 3), "its firstBad is 3 instead of -1"],
    [number(end, "metrics/loss", 3), "its loss of epoch 2 is "],
    [number(middle, "step", 7), "its step is 7 instead of "],
  ];
  for (const [change, says] of wrong) {
    await assertRejects(() => goOn(unsealed({ ...end, ...change })), RangeError, says);
    await assertRejects(() => goOn({ ...end, ...change }), RangeError, says);
  }
});

Deno.test("a checkpoint of which anything was changed is refused by its checksum", async () => {
  await goOn(middle);
  for (const [name, { dtype, shape, data }] of Object.entries(middle.tensors)) {
    if (data.length === 0) continue;
    const changed = data.slice() as TypedArray;
    changed[changed.length - 1] += 1;
    const tensors = { ...middle.tensors, [name]: ndarray(dtype, shape, changed) };
    await assertRejects(
      () => goOn({ ...middle, tensors }),
      RangeError,
      "Cannot go on from this checkpoint: ",
    );
  }
  const record = { ...end.history[0], seconds: 0 };
  await assertRejects(() => goOn({ ...end, history: [record, end.history[1]] }), RangeError, "its checksum");
  await assertRejects(() => goOn({ ...end, isEnded: true }), RangeError, "its checksum");
  await assertRejects(() => goOn({ ...end, checksum: "0" }), RangeError, "its checksum");
});

/** Whole numbers that look random, the same ones every time. */
function* draws(): Generator<number> {
  for (let state = 1;;) yield (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8;
}

Deno.test("a file of a checkpoint with a byte changed, cut off or doubled is refused, or is the same", async () => {
  await using folder = await temporary();
  const path = `${folder.path}/checkpoint`;
  await saveCheckpoint(end, path);
  const whole = await Deno.readFile(path);
  assertEquals(await loadCheckpoint(path), end);
  const next = draws();
  const draw = (below: number) => next.next().value! % below;
  let refused = 0;
  const rounds = 400;
  for (let i = 0; i < rounds; i++) {
    let bytes = whole.slice();
    const at = draw(whole.length);
    const kind = draw(4);
    if (kind === 0) bytes[at] ^= 1 << draw(8);
    else if (kind === 1) bytes[at] = draw(256);
    else if (kind === 2) bytes = bytes.slice(0, at);
    else bytes.copyWithin(at, draw(whole.length), draw(whole.length));
    await Deno.writeFile(path, bytes);
    try {
      const loaded = await loadCheckpoint(path);
      assertEquals(loaded, end, `mutation ${i} is read as something else`);
    } catch (error) {
      assert(error instanceof FormatError && error.message.includes(path), `mutation ${i}: ${error}`);
      refused++;
    }
  }
  assert(refused > 0.8 * rounds, `${refused} of ${rounds} were refused`);
});
