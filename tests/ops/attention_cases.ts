/** Attention: causal and ragged masks, rows that see nothing, shared heads; and rotary positions. */
import type { Tensor } from "../../engine/tensor.ts";
import * as g from "../../ops/mod.ts";
import type { OpCase } from "../check_op.ts";
import { type Doubles, doubles, elementAt, stretchedAt } from "../oracle/doubles.ts";
import { exactly, floats } from "./inputs.ts";

/** One query after another; `sees` tells which keys it may use. */
function attended(
  q: Doubles,
  k: Doubles,
  v: Doubles,
  sees: (index: number[], key: number) => boolean = () => true,
  scale = 1 / Math.sqrt(q.shape.at(-1)!),
): Doubles {
  const [width, keys] = [q.shape.at(-1)!, k.shape.at(-2)!];
  const groups = k.shape.length > 2 ? k.shape.at(-3)! : 1;
  const heads = q.shape.length > 2 ? q.shape.at(-3)! : 1;
  return doubles([...q.shape.slice(0, -1), v.shape.at(-1)!], (index) => {
    const [outer, token, column] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    const own = outer.length === 0
      ? []
      : [...outer.slice(0, -1), Math.floor(outer.at(-1)! / (heads / groups))];
    const seen = Array.from({ length: keys }, (_, key) => key).filter((key) => sees(index.slice(0, -1), key));
    const scores = seen.map((key) => {
      let dot = 0;
      for (let i = 0; i < width; i++) {
        dot += elementAt(q, [...outer, token, i]) * elementAt(k, [...own, key, i]);
      }
      return dot * scale;
    });
    const top = Math.max(...scores);
    let [total, sum] = [0, 0];
    seen.forEach((key, i) => {
      const weight = Math.exp(scores[i] - top);
      total += weight;
      sum += weight * elementAt(v, [...own, key, column]);
    });
    return total === 0 ? 0 : sum / total;
  });
}

const causal = (index: number[], key: number) => key <= index.at(-1)!;

interface Layout {
  readonly q: number[];
  readonly k: number[];
  readonly v: number[];
  readonly causal?: boolean;
  readonly scale?: number;
}

const layouts: Layout[] = [
  { q: [5, 3], k: [4, 3], v: [4, 2] },
  { q: [2, 3, 4], k: [2, 5, 4], v: [2, 5, 3], scale: 0.7 },
  { q: [2, 2, 5, 4], k: [2, 2, 5, 4], v: [2, 2, 5, 4], causal: true },
  { q: [2, 2, 3, 4], k: [2, 2, 6, 4], v: [2, 2, 6, 1], causal: true },
  { q: [1, 2, 6, 2], k: [1, 2, 3, 2], v: [1, 2, 3, 2], causal: true },
  { q: [2, 4, 3, 2], k: [2, 2, 4, 2], v: [2, 2, 4, 3] },
  { q: [1, 6, 3, 2], k: [1, 1, 3, 2], v: [1, 1, 3, 3], causal: true },
  { q: [2, 1, 1, 1], k: [2, 1, 1, 1], v: [2, 1, 1, 1] },
  { q: [1, 2, 3, 2], k: [1, 2, 0, 2], v: [1, 2, 0, 3] },
  { q: [0, 2, 3, 2], k: [0, 2, 4, 2], v: [0, 2, 4, 3] },
];

const plain = layouts.map(({ q, k, v, ...options }): OpCase => ({
  name: `scaledDotProductAttention() of [${q.join(", ")}], [${k.join(", ")}] and [${v.join(", ")}]` +
    (options.causal ? ", causal" : "") + (options.scale ? `, scale ${options.scale}` : ""),
  inputs: [floats(...q), floats(...k), floats(...v)],
  build: (q, k, v) => g.scaledDotProductAttention(q, k, v, options),
  oracle: (q, k, v) => attended(q, k, v, options.causal ? causal : undefined, options.scale),
  oracleTolerance: 1e-7,
  twice: q.length < 4 || q[1] === 6,
}));

/** As many keys as each example has, one of them none; and a mask for each place. */
const lengths = [3, 0, 4, 1];
const ragged = (lengths: number[], keys: number) =>
  lengths.flatMap((n) => Array.from({ length: keys }, (_, k) => +(k < n)));
const spotted = Array.from({ length: 2 * 4 * 4 }, (_, i) => +(i % 3 !== 1 && Math.floor(i / 4) !== 2));
const masked = ([
  ["a ragged mask, one row of it empty", [4, 1, 1, 4], ragged(lengths, 4), false],
  ["a ragged mask, causal", [4, 1, 1, 4], ragged(lengths, 4), true],
  ["a mask for each place of each head", [2, 4, 4], spotted, false],
  ["a mask for each place of each head, causal", [2, 4, 4], spotted, true],
  ["a mask of all keys", [4], [0, 0, 0, 0], false],
] as [string, number[], number[], boolean][]).map(([name, shape, values, isCausal]): OpCase => ({
  name: `scaledDotProductAttention() with ${name}`,
  inputs: [
    floats(4, 2, 4, 2),
    floats(4, 2, 4, 2),
    floats(4, 2, 4, 3),
    exactly(values, "bool", shape),
  ],
  build: (q, k, v, mask) => g.scaledDotProductAttention(q, k, v, { mask, causal: isCausal }),
  oracle: (q, k, v, mask) =>
    attended(
      q,
      k,
      v,
      (index, key) =>
        stretchedAt(mask, [...index, key]) === 1 &&
        (!isCausal || causal(index, key)),
    ),
  oracleTolerance: 1e-7,
  twice: isCausal,
}));

/** Rows that are long enough to be kept at hand, and scores that would overflow. */
const long: OpCase[] = [
  {
    name: "scaledDotProductAttention() of 33 tokens of large numbers, causal",
    inputs: [
      { shape: [2, 33, 8], range: [-30, 30] },
      { shape: [2, 33, 8], range: [-30, 30] },
      floats(2, 33, 5),
    ],
    build: (q, k, v) => g.scaledDotProductAttention(q, k, v, { causal: true }),
    oracle: (q, k, v) => attended(q, k, v, causal, 1 / Math.sqrt(8)),
    oracleTolerance: 1e-6,
    tolerance: 3e-4,
    smooth: false,
  },
];

const PAIRS = { base: 100 };
function turned(x: Doubles, { offset = 0, interleaved = false }): Doubles {
  const width = x.shape.at(-1)!;
  const pairs = width / 2;
  return doubles(x.shape, (index) => {
    const [at, token] = [index.at(-1)!, index.at(-2)!];
    const pair = interleaved ? Math.floor(at / 2) : at % pairs;
    const isFirst = interleaved ? at % 2 === 0 : at < pairs;
    const places = interleaved ? [2 * pair, 2 * pair + 1] : [pair, pair + pairs];
    const [a, b] = places.map((place) => elementAt(x, [...index.slice(0, -1), place]));
    const angle = (token + offset) / PAIRS.base ** (pair / pairs);
    return isFirst ? a * Math.cos(angle) - b * Math.sin(angle) : a * Math.sin(angle) + b * Math.cos(angle);
  });
}

const rotary = ([
  [[5, 4], {}],
  [[2, 3, 7, 6], { offset: 3 }],
  [[2, 4, 8], { interleaved: true, offset: -2 }],
  [[2, 33, 32], { interleaved: false, offset: 100 }],
  [[3, 1, 2], {}],
  [[0, 2], { interleaved: true }],
] as [number[], { offset?: number; interleaved?: boolean }][]).flatMap(([shape, options]): OpCase[] => {
  const name = `rotaryEmbedding() of [${shape.join(", ")}] with ${JSON.stringify(options)}`;
  const oracle = (x: Doubles) => turned(x, options);
  const same = { oracle, oracleTolerance: 1e-6, twice: shape.length < 3 };
  const build = (x: Tensor, offset?: Tensor) =>
    g.rotaryEmbedding(x, { ...options, ...PAIRS, ...offset && { offset } });
  return [
    { ...same, name, inputs: [floats(...shape)], build: (x) => build(x) },
    {
      ...same,
      name: `${name} in a tensor`,
      inputs: [floats(...shape), exactly([options.offset ?? 0], "int32", [])],
      build,
      oracleTolerance: 1e-5,
      tolerance: 3e-5,
    },
  ];
});

/** Sequences that are at places of their own. */
const offsets = [7, 0, 20];
const rotaryEach = ([[[3, 2, 4, 6], {}], [[3, 2, 4], { interleaved: true }]] as const).map((
  [shape, options],
): OpCase => ({
  name: `rotaryEmbedding() of [${shape.join(", ")}] with an offset for each${
    "interleaved" in options ? ", pairs of neighbours" : ""
  }`,
  inputs: [floats(...shape), exactly(offsets, "int32", [3])],
  build: (x, offset) => g.rotaryEmbedding(x, { ...options, ...PAIRS, offset }),
  oracle: (x) => {
    const all = offsets.map((offset) => turned(x, { ...options, offset }));
    return doubles(x.shape, (index) => elementAt(all[index[0]], index));
  },
  oracleTolerance: 1e-5,
  tolerance: 3e-5,
  twice: true,
}));

/** Attention and positions. */
export const attentionCases: OpCase[] = [...plain, ...masked, ...long, ...rotary, ...rotaryEach];
