/** Attention with fewer heads of keys, turned by positions: against plain loops. */
import { assertAlmostEquals } from "@std/assert";
import { multiHeadAttention } from "../../models/layers/attention/multi_head_attention.ts";
import { everyDevice } from "../devices.ts";
import { runLayer } from "./apply_layer.ts";
import { someNumbers } from "./apply_model.ts";

const [batch, tokens, width, heads, keyHeads, headWidth, units] = [2, 4, 6, 4, 2, 4, 5];
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const sumOf = (n: number, term: (i: number) => number) => range(n).reduce((sum, i) => sum + term(i), 0);

/** Number `i` of a token goes with number `i + half`, turned by an angle that grows with the position. */
function turned(row: readonly number[], position: number, base: number): number[] {
  const half = row.length / 2;
  const angle = (i: number) => position * base ** (-(i % half) / half);
  return row.map((v, i) =>
    v * Math.cos(angle(i)) + (i < half ? -row[i + half] : row[i - half]) * Math.sin(angle(i))
  );
}

for (const { name, device } of everyDevice) {
  Deno.test(`multiHeadAttention with shared keys and rotary positions is what its formula says on ${name}`, async () => {
    const layer = multiHeadAttention({
      heads,
      keyHeads,
      headWidth,
      units,
      causal: true,
      rotary: { base: 100 },
    });
    const x = someNumbers([batch, tokens, width]);
    const weights = Object.fromEntries(
      layer.weights([tokens, width]).map((spec, i) => [spec.name, someNumbers(spec.shape, i + 2)]),
    );
    const { output } = await runLayer(layer, device, [x], weights);
    /** A head of queries, keys or values of a token. */
    const head = (of: string, count: number, n: number, t: number, h: number) =>
      range(headWidth).map((j) => {
        const column = h * headWidth + j;
        return weights[`${of}Bias`].data[column] + sumOf(width, (i) =>
          x.data[(n * tokens + t) * width + i] * weights[`${of}Kernel`].data[i * count * headWidth + column]);
      });
    for (const n of range(batch)) {
      for (const t of range(tokens)) {
        const joined = range(heads).flatMap((h) => {
          const shared = Math.floor(h / (heads / keyHeads));
          const query = turned(head("query", heads, n, t, h), t, 100);
          const shares = range(t + 1).map((s) => {
            const key = turned(head("key", keyHeads, n, s, shared), s, 100);
            return Math.exp(sumOf(headWidth, (i) => query[i] * key[i]) / Math.sqrt(headWidth));
          });
          const all = shares.reduce((a, b) => a + b);
          const values = range(t + 1).map((s) => head("value", keyHeads, n, s, shared));
          return range(headWidth).map((i) => sumOf(t + 1, (s) => shares[s] / all * values[s][i]));
        });
        for (const j of range(units)) {
          const expected = weights.outputBias.data[j] +
            sumOf(heads * headWidth, (i) => joined[i] * weights.outputKernel.data[i * units + j]);
          assertAlmostEquals(output.data[(n * tokens + t) * units + j], expected, 2e-5);
        }
      }
    }
  });
}
