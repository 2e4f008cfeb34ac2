import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { compileProgram } from "../../engine/compile_program.ts";
import { type NdArray, ndarray } from "../../engine/array.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { markSeen, penalizeRepetition, sampleLogits, type SampleOptions } from "../../models/sampling.ts";
import * as g from "../../ops/mod.ts";
import { everyDevice } from "../devices.ts";

type Random = Parameters<typeof g.randomUniform>[1];

const logitsOf = (rows: number, tokens: number) =>
  ndarray(
    "float32",
    [rows, tokens],
    Float32Array.from({ length: rows * tokens }, (_, i) => 4 * Math.sin(i * 1.7 + i * i * 0.3)),
  );

/** Tokens in falling order of their logits, the first of equal ones first. */
const fallingOrder = (logits: readonly number[]) =>
  logits.map((_, i) => i).sort((a, b) => logits[b] - logits[a] || a - b);

/** What may be drawn, by plain loops. */
function allowed(logits: readonly number[], temperature: number, topK: number, topP: number): number[] {
  const order = fallingOrder(logits).slice(0, topK);
  const weights = order.map((i) => Math.exp((logits[i] - logits[order[0]]) / Math.max(temperature, 1e-6)));
  const total = weights.reduce((a, b) => a + b, 0);
  let sum = 0;
  return order.filter((_, i) => {
    const before = sum;
    sum += weights[i] / total;
    return i === 0 || before < topP;
  });
}

/** The values of tensors on a device. */
async function run(
  device: (typeof everyDevice)[number]["device"],
  make: (logits: Tensor) => Record<string, Tensor>,
  logits: NdArray,
): Promise<Record<string, NdArray>> {
  const program = await compileProgram((_, { logits }) => ({ outputs: make(logits) }), {
    device,
    inputs: { logits: { dtype: "float32", shape: logits.shape } },
  });
  try {
    return await program.call({ logits });
  } finally {
    program.close();
  }
}

for (const { name, device } of everyDevice) {
  Deno.test(`sampleLogits() on ${name} takes what plain loops take with the same noise`, async () => {
    const [rows, tokens] = [6, 23];
    const logits = logitsOf(rows, tokens);
    const cases: Omit<SampleOptions, "seed">[] = [
      {},
      { temperature: 0 },
      { temperature: 2.5 },
      { topK: 5 },
      { topK: 1, temperature: 3 },
      { topK: 100, temperature: 0.3 },
      { topP: 0.6, temperature: 2 },
      { topP: 1e-3 },
      { topK: 7, topP: 0.8, temperature: 1.5 },
      { topP: 0.9, temperature: 0 },
    ];
    const seeds = [1, 2];
    const made = (logits: Tensor) =>
      Object.fromEntries(cases.flatMap((options, c) =>
        seeds.flatMap((seed) => {
          const count = options.topK === undefined ? tokens : Math.min(options.topK, tokens);
          const random: Random = { seed, counter: 3, low: 2 ** -25 };
          return [
            [`token ${c} ${seed}`, sampleLogits(logits, { ...options, seed, counter: 3 })],
            [`uniform ${c} ${seed}`, g.randomUniform([rows, count], random)],
          ];
        })
      ));
    const found = await run(device, made, logits);
    for (const [c, { temperature = 1, topK = tokens, topP = 1 }] of cases.entries()) {
      for (const seed of seeds) {
        const drawn = found[`token ${c} ${seed}`];
        assertEquals([drawn.dtype, drawn.shape], ["int32", [rows]]);
        const uniform = found[`uniform ${c} ${seed}`];
        for (let row = 0; row < rows; row++) {
          const own = Array.from(logits.data.subarray(row * tokens, (row + 1) * tokens));
          const inOrder = cases[c].topK !== undefined || cases[c].topP !== undefined;
          const places = inOrder ? fallingOrder(own) : own.map((_, i) => i);
          const score = (token: number) => {
            const at = row * uniform.shape[1] + places.indexOf(token);
            return own[token] - (temperature as number) * Math.log(-Math.log(uniform.data[at]));
          };
          const may = allowed(own, temperature as number, topK, topP as number);
          assert(may.includes(drawn.data[row]), `case ${c}: ${drawn.data[row]} of ${may}`);
          // Devices round logarithms differently, so of two that are as good, either may be taken.
          assertLess(Math.max(...may.map(score)) - score(drawn.data[row]), 1e-4, `case ${c}, row ${row}`);
        }
      }
    }
  });

  Deno.test(`on ${name} each row may have a temperature and a share of its own`, async () => {
    const logits = ndarray("float32", [3, 4], [0, 1, 2, 3, 0, 1, 2, 3, 3, 2, 1, 0]);
    const { ys } = await run(device, (logits) => {
      const { ys } = g.scan((carry: Record<string, Tensor>, _, position) => ({
        carry,
        ys: {
          token: sampleLogits(logits, {
            seed: 5,
            counter: position,
            temperature: g.tensor([0, 50, 1]),
            topP: g.tensor([1, 1, 0.01]),
          }),
        },
      }), { carry: {}, length: 40 });
      return { ys: ys.token };
    }, logits);
    const of = (row: number) => new Set(Array.from({ length: 40 }, (_, i) => ys.data[i * 3 + row]));
    assertEquals([[...of(0)], of(1).size, [...of(2)]], [[3], 4, [0]]);
  });

  Deno.test(`on ${name} a loop draws as its steps do one by one, and marks what it has seen`, async () => {
    const [streams, tokens, steps] = [3, 7, 6];
    const table = logitsOf(tokens, tokens);
    const first = new Int32Array([0, 3, 6]);
    const step = (table: Tensor, token: Tensor, seen: Tensor, counter: Tensor | number) =>
      sampleLogits(penalizeRepetition(g.gather(table, token), seen, 1.5), {
        seed: 9,
        counter,
        topK: 4,
        temperature: 0.8,
      });
    const inLoop = await run(device, (table) => {
      const { ys, carry } = g.scan(({ token, seen }, _, position) => {
        const next = step(table, token, seen, position);
        return { carry: { token: next, seen: markSeen(seen, next) }, ys: { token: next } };
      }, { carry: { token: g.tensor(first), seen: g.zeros([streams, tokens]) }, length: steps });
      return { tokens: ys.token, seen: carry.seen };
    }, table);
    let token: Int32Array = first;
    const seen = ndarray("float32", [streams, tokens], new Float32Array(streams * tokens));
    for (let at = 0; at < steps; at++) {
      const { next } = await run(
        device,
        (table) => ({ next: step(table, g.tensor(token), g.tensor(seen), at) }),
        table,
      );
      token = next.data as Int32Array;
      assertEquals([...token], [...inLoop.tokens.data.subarray(at * streams, (at + 1) * streams)]);
      token.forEach((one, row) => seen.data[row * tokens + one] = 1);
    }
    assertEquals([...inLoop.seen.data], [...seen.data]);
  });
}

Deno.test("tokens are drawn as often as softmax says", async () => {
  const [tokens, draws] = [6, 20_000];
  const logits = ndarray("float32", [1, tokens], [0, 1, 2, -1, 0.5, -3]);
  const share = async (options: Omit<SampleOptions, "seed">) => {
    const { drawn } = await run(everyDevice[0].device, (logits) => ({
      drawn: sampleLogits(g.broadcastTo(logits, [draws, tokens]), { ...options, seed: 11 }),
    }), logits);
    const counts = new Array<number>(tokens).fill(0);
    for (const token of drawn.data) counts[token]++;
    return counts.map((count) => count / draws);
  };
  const expected = (temperature: number, may: readonly number[]) => {
    const weights = Array.from(
      logits.data,
      (logit, i) => may.includes(i) ? Math.exp(logit / temperature) : 0,
    );
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / total);
  };
  const cases = [
    [{}, expected(1, [0, 1, 2, 3, 4, 5])],
    [{ temperature: 2 }, expected(2, [0, 1, 2, 3, 4, 5])],
    [{ topK: 3 }, expected(1, [1, 2, 4])],
    [{ topP: 0.7 }, expected(1, [1, 2])],
  ] as const;
  for (const [options, wanted] of cases) {
    const found = await share(options);
    for (const [token, p] of wanted.entries()) {
      const deviation = Math.sqrt(p * (1 - p) / draws);
      assertLess(
        Math.abs(found[token] - p),
        4.5 * deviation + 1e-12,
        `${JSON.stringify(options)} token ${token}`,
      );
    }
  }
});

Deno.test("what can't be sampled from is refused when it is traced", () => {
  const logits = g.zeros([2, 3]);
  const refused = (options: unknown, kind: typeof RangeError, message: string) =>
    assertThrows(() => sampleLogits(logits, options as SampleOptions), kind, message);
  refused({ seed: 1, temperature: -1 }, RangeError, "Cannot sample from logits with temperature -1");
  refused({ seed: 1, topK: 0 }, RangeError, "topK 0");
  refused({ seed: 1, topP: 0 }, RangeError, "topP 0: it has to be above 0 and up to 1");
  refused({ seed: 1, topp: 0.5 }, TypeError, '"topp"');
  refused({}, TypeError, "seed");
  refused({ seed: 1, temperature: g.zeros([3]) }, RangeError, "temperature [3]: rows are [2]");
  assertThrows(() => sampleLogits(g.zeros([2, 0]), { seed: 1 }), TypeError, "at least one token");
  assertThrows(() => sampleLogits(g.zeros([2, 3], "int32"), { seed: 1 }), TypeError, "int32 [2, 3]");
  assertThrows(() => penalizeRepetition(logits, g.zeros([3]), 1.2), RangeError, "seen is [3]");
  assertThrows(() => penalizeRepetition(logits, logits, 0.5), RangeError, "penalty 0.5");
  assertThrows(() => markSeen(logits, g.zeros([3], "int32")), RangeError, "one for each row");
});
