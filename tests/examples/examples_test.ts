import { assert, assertEquals } from "@std/assert";
import { formats, ndarray, shapes } from "../../mod.ts";
import { main as charGru } from "../../examples/char_gru.ts";
import { main as charRnn } from "../../examples/char_rnn.ts";
import { main as cutSounds } from "../../examples/cut_sounds.ts";
import { main as linearRegression } from "../../examples/linear_regression.ts";
import { main as ownLayer } from "../../examples/own_layer.ts";
import { main as resnet9 } from "../../examples/resnet9.ts";
import { main as transformer } from "../../examples/transformer.ts";
import { main as vae } from "../../examples/vae.ts";
import { main as wgan } from "../../examples/wgan_gp.ts";

/** Runs an example without what it prints. */
async function quietly<T>(run: () => Promise<T>): Promise<T> {
  const { log } = console;
  console.log = () => {};
  try {
    return await run();
  } finally {
    console.log = log;
  }
}

/** Bright discs on black, some way off the middle. */
const discs = (count: number) =>
  ndarray(
    "uint8",
    [count, 28, 28, 1],
    Uint8Array.from({ length: count * 784 }, (_, i) => {
      const [image, y, x] = [Math.floor(i / 784), Math.floor(i / 28) % 28, i % 28];
      return Math.hypot(y - 10 - image % 8, x - 10 - image % 7) < 6 ? 255 : 0;
    }),
  );

const text = "she sells sea shells by the sea shore, and the shells she sells are sea shells. ".repeat(30);

Deno.test("the linear regression finds the line", async () => {
  const { slope, start } = await quietly(() => linearRegression());
  assert(Math.abs(slope - 3) < 0.1 && Math.abs(start + 0.5) < 0.1, `${slope} ${start}`);
});

Deno.test("the layer of one's own is the same when its model is loaded", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/own.safetensors`;
    const { before, after } = await quietly(() => ownLayer({ images: 64, epochs: 1, path }));
    assertEquals(after, before);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a recording is cut into sounds by folders", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const samples = ndarray("float32", [4, 1], [0, 0.25, 0.5, -0.5]);
    await Deno.writeFile(`${folder}/all.wav`, formats.encodeWav({ samples, rate: 8000 }));
    const list = { a: { class: "kick", offset: 0, length: 1 }, b: { class: "hat", offset: 1, length: 3 } };
    await Deno.writeTextFile(`${folder}/list.json`, JSON.stringify(list));
    assertEquals(
      await quietly(() => cutSounds(`${folder}/all.wav`, `${folder}/list.json`, `${folder}/cut`)),
      2,
    );
    const hat = formats.decodeWav(await Deno.readFile(`${folder}/cut/hat/b.wav`));
    assertEquals([[...hat.samples.data], hat.rate], [[0.25, 0.5, -0.5], 8000]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("ResNet-9 makes a few steps", async () => {
  const data = shapes({ train: 32, test: 8 });
  const [record] = await quietly(() => resnet9({ data, epochs: 1, batchSize: 16 }));
  assert(Number.isFinite(record.loss));
});

Deno.test("the autoencoder's loss falls", async () => {
  const history = await quietly(() => vae({ images: discs(512), test: discs(64), epochs: 4 }));
  assert(history.at(-1)!.loss < 0.7 * history[0].loss, history.map((r) => r.loss).join());
});

Deno.test("the adversarial nets make a few steps", async () => {
  const [record] = await quietly(() => wgan({ images: discs(384), epochs: 1 }));
  assert(Number.isFinite(record.distance) && Number.isFinite(record.penalty));
});

Deno.test("the recurrent networks' losses fall, and one of them writes letters that it knows", async () => {
  const { history, sample } = await quietly(() =>
    charRnn({ text, epochs: 4, units: 32, length: 16, batchSize: 8, written: 40 })
  );
  assert(history.at(-1)!.loss < 0.8 * history[0].loss, history.map((r) => r.loss).join());
  assert(sample.length === 40 && [...sample].every((letter) => text.includes(letter)));
  const byGru = await quietly(() =>
    charGru({ text, epochs: 4, units: 32, length: 16, batchSize: 8, written: 20 })
  );
  assert(byGru.history.at(-1)!.loss < 0.8 * byGru.history[0].loss);
  assert(byGru.sample.length === 28 && [...byGru.sample].every((letter) => text.includes(letter)));
});

Deno.test("the transformer's loss falls, and it writes letters that it knows", async () => {
  const { history, sample } = await quietly(() =>
    transformer({ text, epochs: 3, length: 16, width: 16, depth: 1, batchSize: 8, written: 20 })
  );
  assert(history.at(-1)!.loss < 0.9 * history[0].loss, history.map((r) => r.loss).join());
  assert(sample.length === 20 && [...sample].every((letter) => text.includes(letter)));
});
