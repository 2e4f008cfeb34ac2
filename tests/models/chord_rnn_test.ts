/** Chords that are drawn one by one are what the model expects of the whole piece. */
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { program } from "../../devices/program.ts";
import { type NdArray, ndarray } from "../../engine/array.ts";
import { tensor } from "../../ops/mod.ts";
import type { Device } from "../../engine/device.ts";
import { chordRnn } from "../../models/chord_rnn.ts";
import { drawChords, type DrawChordsOptions } from "../../models/draw_chords.ts";
import type { Model } from "../../models/model.ts";
import { everyDevice } from "../devices.ts";
import { fillWeights } from "./apply_model.ts";

const STEPS = 5;

async function drawn(
  model: Model,
  device: Device,
  options: Omit<DrawChordsOptions, "steps">,
): Promise<NdArray> {
  const draw = await program(
    (weights) => ({ outputs: { chords: drawChords(model, weights, { steps: STEPS, ...options }) } }),
    { state: Object.fromEntries(model.weights), device },
  );
  const { chords } = await draw.call();
  draw.close();
  return chords;
}

/** The same chords, each a step later. */
function before({ dtype, shape, data }: NdArray, silence: number): NdArray {
  const [pieces, steps, size] = shape;
  const moved = data.slice().fill(silence);
  for (let piece = 0; piece < pieces; piece++) {
    moved.set(
      data.slice(piece * steps * size, ((piece + 1) * steps - 1) * size) as never,
      (piece * steps + 1) * size,
    );
  }
  return ndarray(dtype, shape, moved);
}

async function logitsOf(model: Model, device: Device, inputs: Record<string, NdArray>): Promise<NdArray> {
  const apply = await program(
    (weights, given) => ({ outputs: { logits: model.apply(given, weights).output } }),
    { state: Object.fromEntries(model.weights), inputs, device },
  );
  const { logits } = await apply.call(inputs);
  apply.close();
  return logits;
}

for (const { name, device } of everyDevice) {
  Deno.test(`voices that are drawn as the likeliest are those of the whole piece, on ${name}`, async () => {
    const model = chordRnn({ length: STEPS, head: "voices", voices: 2, cell: "lstm", units: 4 });
    fillWeights(model);
    const voices = await drawn(model, device, { pieces: 2, temperature: 0 });
    const logits = await logitsOf(model, device, { before: before(voices, 128), now: voices });
    voices.data.forEach((pitch, i) => {
      const own = [...logits.data.slice(129 * i, 129 * (i + 1))];
      assertEquals(pitch, own.indexOf(Math.max(...own)));
    });
  });

  Deno.test(`keys that are drawn as the likeliest are those of the whole piece, on ${name}`, async () => {
    const model = chordRnn({ length: STEPS, cell: "rnn", units: 6 });
    fillWeights(model);
    const keys = await drawn(model, device, { temperature: 0 });
    const logits = await logitsOf(model, device, { before: before(keys, 0) });
    assertEquals([...keys.data], [...logits.data].map((logit) => Number(logit > 0)));
  });
}

Deno.test("a piece begins with what is given, and the seed chooses how it goes on", async () => {
  const [{ device }] = everyDevice;
  const model = chordRnn({ length: STEPS, head: "voices", voices: 2, units: 4 });
  const given = () => tensor(Int32Array.of(60, 48, 62, 50), [1, 2, 2]);
  const [first, again, other] = await Promise.all(
    [1, 1, 2].map(async (seed) => [...(await drawn(model, device, { given: given(), seed })).data]),
  );
  assertEquals(first.slice(0, 4), [60, 48, 62, 50]);
  assertEquals(first, again);
  assertNotEquals(first, other);
});

Deno.test("what does not go together is refused", () => {
  const model = chordRnn({ length: STEPS, head: "voices", voices: 2, units: 4 });
  assertThrows(
    () => drawChords(model, {}, { steps: 3, given: tensor([[[0, 1]]]) }),
    RangeError,
    "beginning with float32 [1, 1, 2]: it takes int32 [pieces, given, 2]",
  );
  assertThrows(() => chordRnn({ length: 5, head: "chords" as never }), TypeError, "head");
});
