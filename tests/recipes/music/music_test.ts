/** What music is trained on, and that its likelihood is what the model says. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { chordRnn } from "../../../models/chord_rnn.ts";
import { chordSets, piecesOf, voicesByHeight, voicesNeeded } from "../../../recipes/music/chord_sets.ts";
import { chordStep } from "../../../recipes/music/chord_step.ts";
import { musicFigures } from "../../../recipes/music/music_figures.ts";
import { adam } from "../../../training/optimizers/optimizers.ts";
import { evaluate } from "../../../training/fit/evaluate.ts";
import { train } from "../../../training/loop/train.ts";
import { parameters } from "../../../training/step/parameters.ts";
import { cpu } from "../../devices.ts";

const { device } = cpu;
const scale = (steps: number, from: number) => Array.from({ length: steps }, (_, i) => [from + i % 5, 50]);
const pieces = {
  train: [scale(100, 60), scale(3, 70)],
  validation: [scale(4, 62)],
  test: [scale(5, 60), scale(2, 60)],
};

Deno.test("long pieces are trained on in parts that lead in, and judged whole", () => {
  const { train, test } = chordSets("scales", pieces, "voices", 5);
  const of = (name: string, set = train) => [...set.fields[name].values.data];
  assertEquals([of("from"), of("length")], [[0, 8, 0], [64, 44, 3]]);
  assertEquals([of("from", test), of("length", test)], [[0, 0], [5, 2]]);
  // Each step of each piece counts once.
  assertEquals(of("length").reduce((sum, end, i) => sum + end - of("from")[i], 0), 103);
  assertEquals(train.types.chords, { dtype: "int32", shape: [64, 2] });
  // All that are trained on sing from 60 to 74, and 50: there is no room for the lower voice.
  assertEquals([of("down"), of("up")], [[0, 0, 0], [0, 0, 0]]);
});

Deno.test("pieces are moved as far as their keys leave room for", () => {
  const { train } = chordSets("scales", { ...pieces, train: [[[60], [62]], [[64], [70]]] }, "keys", 5);
  assertEquals([...train.fields.down.values.data], [0, 4]);
  assertEquals([...train.fields.up.values.data], [5, 0]);
});

Deno.test("the nats of keys are those of 88 throws of coins a step, over all steps of all pieces", async () => {
  const model = chordRnn({ length: 64, units: 3 });
  for (const [name, { shape, data }] of model.weights) {
    model.setWeight(name, ndarray("float32", shape, data.map(() => 0)));
  }
  model.setWeight(
    "dense_1/bias",
    ndarray("float32", [88], Array.from({ length: 88 }, (_, key) => key === 39 ? 0 : -3)),
  );
  const { test } = chordSets("scales", pieces, "keys", 0);
  const { loss, first } = await evaluate(chordStep(parameters(model), { tellsFirst: true }), test, {
    device,
  });
  // Key 39 is the pitch 60, which is down in the first step of each five.
  const [down, up] = [Math.log1p(Math.exp(3)), Math.log1p(Math.exp(-3))];
  const nats = (pitch: number) => Math.log(2) + (pitch === 60 ? 1 : 2) * down + (pitch === 60 ? 86 : 85) * up;
  const all = pieces.test.flat().map(([pitch]) => nats(pitch));
  assertAlmostEquals(loss, all.reduce((sum, own) => sum + own, 0) / all.length, 1e-4);
  assertAlmostEquals(first, 2 * nats(60) / all.length, 1e-4);
});

Deno.test("members are trained each by itself, and judged together", async () => {
  const model = chordRnn({ length: 5, units: 2, members: 2 });
  assertEquals(Object.keys(model.outputs), ["mean", "member1", "member2"]);
  const { test } = chordSets("scales", pieces, "keys", 0);
  const step = chordStep(parameters(model));
  const together = (await evaluate(step, test, { device })).loss;
  const alone =
    (await evaluate({ ...step, evaluate: (context) => step.step(context).metrics! }, test, { device })).loss;
  // The mean of logits is never worse than the mean of what each would cost: the cost is convex.
  assertEquals(together < alone, true);
});

Deno.test("a model of voices learns, moved or not", async () => {
  const { train: data, validation } = chordSets("scales", pieces, "voices", 5);
  const model = chordRnn({ length: 64, head: "voices", voices: 2, units: 12, dropout: 0.1, seed: 1 });
  const set = parameters(model, { optimizer: adam(0.05), average: 0.9 });
  const history = await train(chordStep(set, { moves: true }), data, {
    epochs: 15,
    batchSize: 3,
    validation,
    device,
  });
  assertEquals(history.at(-1)!.loss < 0.5 * history[0].loss, true);
  assertEquals(Number.isFinite(history.at(-1)!.validationLoss), true);
});

Deno.test("voices are the highest notes, silent where there are fewer", () => {
  assertEquals(voicesByHeight([[60, 72, 64], [], [50]], 2), [[72, 64], [128, 128], [50, 128]]);
  assertEquals(voicesNeeded([[[60, 64], [60]], [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]]), 2);
});

Deno.test("pieces come back from data sets as they went in", () => {
  for (const head of ["keys", "voices"] as const) {
    const { test } = chordSets("scales", { ...pieces, test: [[[60, 50], [62, 50]], [[64, 50]]] }, head, 0);
    const fields = { [head === "keys" ? "roll" : "voices"]: test.fields.chords, length: test.fields.length };
    const sorted = piecesOf({ fields } as never).map((piece) =>
      piece.map((chord) => [...chord].sort((a, b) => b - a))
    );
    assertEquals(sorted, [[[60, 50], [62, 50]], [[64, 50]]]);
  }
});

Deno.test("figures say how music compares with what was trained on", () => {
  const known = [[[72, 67, 64, 48], [72, 69, 65, 53], [71, 67, 62, 55]]];
  const figures = Object.fromEntries(musicFigures([[...known[0], [50, 67, 62, 128]]], known, true));
  assertEquals(figures["chords that were trained on"], "75.0 %");
  assertEquals(figures["notes a step"], "3.75");
  assertEquals(figures["notes out of their voice's range"], "6.7 %");
  assertEquals(figures["steps with voices crossing"], "25.0 %");
});
