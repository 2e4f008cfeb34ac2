import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { ndarray } from "../../../engine/array.ts";
import { charRnn } from "../../../models/char_rnn.ts";
import { charTransformer } from "../../../models/char_transformer.ts";
import { dense } from "../../../models/layers/core/dense.ts";
import { embedding } from "../../../models/layers/embedding/embedding.ts";
import { lstm } from "../../../models/layers/recurrent/lstm.ts";
import { type Model, sequential } from "../../../models/model.ts";
import { predict } from "../../../training/fit/predict.ts";
import type { Prompts, WriteOptions } from "../../../training/sequences/write_options.ts";
import { writeTokens } from "../../../training/sequences/write_tokens.ts";
import { cpu, everyDevice } from "../../devices.ts";

const LENGTH = 112;
const TOKENS = 7;

const sizes = { tokens: TOKENS, length: LENGTH, seed: 5 };
const models = {
  "a GRU": () => charRnn({ ...sizes, units: 12 }),
  "two layers of LSTM": () => charRnn({ ...sizes, units: 8, cell: "lstm", layers: 2 }),
  "a transformer": () => charTransformer({ ...sizes, width: 16, depth: 2, heads: 2 }),
};

async function write(model: Model, prompts: Prompts, options: WriteOptions): Promise<number[][]> {
  const written: number[][] = prompts.map(() => []);
  for await (const pieces of writeTokens(model, prompts, options)) {
    pieces.forEach((tokens, stream) => written[stream].push(...tokens));
  }
  return written;
}

/** Asserts that each stream went on with what the model, given all of it as a whole, finds likeliest at each place. */
async function assertLikeliest(
  model: Model,
  prompts: Prompts,
  written: readonly (readonly number[])[],
  device: WriteOptions["device"],
) {
  const whole = prompts.map((prompt, i) => [...Array.from(prompt), ...written[i]]);
  const padded = whole.flatMap((all) => Array.from({ length: LENGTH }, (_, at) => all[at] ?? 0));
  const { data } = await predict(model, ndarray("int32", [prompts.length, LENGTH], padded), { device });
  const likeliest = prompts.map((prompt, i) =>
    written[i].map((_, place) => {
      const at = (i * LENGTH + prompt.length - 1 + place) * TOKENS;
      const row = [...data.subarray(at, at + TOKENS)];
      return row.indexOf(Math.max(...row));
    })
  );
  assertEquals(written, likeliest);
}

const short = [3, 1, 4];
/** It is read in a piece, and what is left goes through the loop. */
const long = Array.from({ length: 70 }, (_, i) => (i * i + 3 * i) % TOKENS);

for (const { name, device } of everyDevice) {
  for (const [kind, make] of Object.entries(models)) {
    Deno.test(`${kind} on ${name} writes token by token what it expects of the whole`, async () => {
      const model = make();
      const options = { length: 6, temperature: 0, device };
      for (const prompts of [[short], [long, [...long, 2, 0]]]) {
        const written = await write(model, prompts, options);
        assertEquals(written.map(({ length }) => length), prompts.map(() => 6));
        await assertLikeliest(model, prompts, written, device);
      }
    });
  }
}

const gru = models["a GRU"]();
const { device } = cpu;

Deno.test("the same seed writes the same, another one something else, and streams differ", async () => {
  const options = { length: 40, seed: 1, device };
  const first = await write(gru, [short, short], options);
  assertEquals(await write(gru, [short, short], options), first);
  assertNotEquals(first[0], first[1]);
  assertNotEquals(await write(gru, [short, short], { ...options, seed: 2 }), first);
});

Deno.test("streams may have temperatures of their own", async () => {
  const [cold, warm] = await write(gru, [short, short], { length: 40, temperature: [0, 5], seed: 1, device });
  assertEquals(cold, (await write(gru, [short], { length: 40, temperature: 0, device }))[0]);
  assert(new Set(warm).size > new Set(cold).size);
});

Deno.test("a stream ends at its stop token, others go on; banned tokens are never drawn", async () => {
  const all = await write(gru, [short, [2]], { length: 60, seed: 4, temperature: 3, device });
  const [stop] = all[0].slice(9);
  const ended = await write(gru, [short, [2]], { length: 60, seed: 4, temperature: 3, device, stop });
  assertEquals(
    ended,
    all.map((tokens) => tokens.includes(stop) ? tokens.slice(0, tokens.indexOf(stop)) : tokens),
  );
  const [without] = await write(gru, [short], { length: 100, temperature: 5, banned: [0, 1, 2, 6], device });
  assertEquals([...new Set(without)].sort(), [3, 4, 5]);
});

Deno.test("what is forced stands where it has to, and is gone on from", async () => {
  const forced = (place: number) => place % 2 === 0 ? 6 : undefined;
  const [written] = await write(gru, [short], { length: 6, temperature: 0, forced, device });
  assertEquals(written.map((token, place) => place % 2 === 0 ? token : 6), Array(6).fill(6));
  const ends = [1, 3, 5].map((place) => [...short, ...written.slice(0, place)]);
  for (const [i, end] of ends.entries()) await assertLikeliest(gru, [end], [[written[2 * i + 1]]], device);
});

Deno.test("what has to stand at a place is asked for in streams that are under way, up to their ends", async () => {
  const asked: string[] = [];
  const forced = (place: number, stream: number) => {
    asked.push(`${stream}:${place}`);
    return stream === 0 ? 6 : undefined;
  };
  await write(gru, [short, [2]], { length: 40, stop: 6, banned: [6], forced, device });
  // Of the first stream, what the first 32 tokens leave behind the prompt; all of the second one.
  assertEquals(new Set(asked).size, 30 + 40);
  assertEquals(asked.filter((place) => Number(place.split(":")[1]) >= 40), []);
});

Deno.test("a penalty keeps tokens from being repeated, also those of a prompt that is read in pieces", async () => {
  const options = { length: 4, temperature: 0, device, repetitionPenalty: 1e6 };
  const prompt = Array.from({ length: 80 }, (_, i) => i % 3); // 0, 1 and 2
  const model = models["a GRU"]();
  model.setWeight("dense_1/bias", ndarray("float32", [TOKENS], Array(TOKENS).fill(5))); // no score is below 0
  const [written] = await write(model, [prompt], options);
  assertEquals([...written].sort(), [3, 4, 5, 6]);
});

Deno.test("what cannot be written is refused before anything is computed", async () => {
  const refused = (model: Model, prompts: Prompts, options: Partial<WriteOptions>, says: string) =>
    assertRejects(() => write(model, prompts, { length: 3, device, ...options }), Error, says);
  await refused(gru, [[7]], {}, "prompts[0]");
  await refused(gru, [[]], {}, "at least one");
  await refused(gru, [], {}, "without prompts");
  await refused(gru, [[1]], { forced: () => 7 }, "forced at place 0");
  await refused(gru, [[1]], { banned: [0, 1, 2, 3, 4, 5, 6] }, "all 7 tokens banned");
  await refused(gru, [[1], [1]], { temperature: [1] }, "temperature");
  await refused(gru, [[1]], { stop: 9 }, "stop");
  const numbers = sequential([dense({ units: 2 })], { inputShape: [3] });
  await refused(
    numbers,
    [[1]],
    {},
    "from int32 [length] to [length, tokens], and this one is from float32 [3] to [2]",
  );
  const backwards = sequential([
    embedding({ tokens: 4, units: 2 }),
    lstm({ units: 3, returnSequences: true, direction: "backward" }),
    dense({ units: 4 }),
  ], { inputShape: [5] });
  await refused(backwards, [[1]], {}, "backward");
  const placed = charTransformer({
    tokens: 4,
    length: 8,
    width: 8,
    depth: 1,
    heads: 2,
    positions: "learned",
  });
  assertEquals((await write(placed, [[1], [1, 2, 3]], { length: 6, device })).map((all) => all.length), [
    6,
    6,
  ]);
  await refused(placed, [[1], [1, 2, 3]], { length: 7 }, '9 tokens, and its layer "positionEmbedding_1"');
  const broken = charRnn({ tokens: 4, length: 8, units: 2 });
  broken.setWeight("dense_1/bias", ndarray("float32", [4], [0, NaN, 0, 0]));
  await refused(broken, [[1]], {}, "weight dense_1/bias of char-gru has NaN at [1]");
});
